import { queryOptions } from "@tanstack/react-query";
import { api } from "../api/client";
import type { ID, Lang, Page, Text } from "../api/types";

/** What stands beside a conversation: its summary, what may be done next, how it seems to end. */
export interface Summary {
  conversation_id: ID;
  lang: Lang;
  lines: { kind: string; label: string; text: string }[];
  by: "rules" | "model";
  seq: number;
  at: string;
  /** A model could write it, or has. */
  model: boolean;
}
export interface Action {
  id: ID;
  message_id: ID;
  kind: "flow" | "queue" | "call";
  target: string;
  title: string;
  confidence: number;
}
export interface WrapUpOffer {
  summary: Summary;
  note: string;
  disposition?: { key: string; title: Text; confidence: number; sure: boolean };
}

/** said: how many messages there are; the summary is made anew after each. */
export const summaryQuery = (id: ID, lang: Lang, said: number) =>
  queryOptions({ queryKey: ["summary", id, lang, said], queryFn: ({ signal }) => api.get<Summary>(`/api/conversations/${id}/summary`, { lang }, { signal }), staleTime: 60_000, gcTime: 60_000 });

export const actionsQuery = (id: ID, lang: Lang, message: ID) =>
  queryOptions({
    queryKey: ["actions", id, lang, message],
    queryFn: async ({ signal }) => (await api.get<Page<Action>>(`/api/conversations/${id}/actions`, { lang }, { signal })).items,
    staleTime: 60_000,
    gcTime: 60_000,
  });

export const wrapUpQuery = (id: ID, lang: Lang, said: number) =>
  queryOptions({ queryKey: ["wrap-up", id, lang, said], queryFn: ({ signal }) => api.get<WrapUpOffer>(`/api/conversations/${id}/wrap-up`, { lang }, { signal }), staleTime: 60_000, gcTime: 60_000 });
