import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../api/client";
import { client, listOf } from "../api/queries";
import type { Article, ID, Lang, Page, Source } from "../api/types";

export type Outcome = "answered" | "steered" | "clarified" | "handed_over" | "rephrased" | "missed";
export type QuestionStatus = "open" | "dismissed" | "linked" | "drafted" | "answered";

/** What several customers asked and no article answered well. */
export interface Question {
  id: ID;
  playbook: string;
  label: string;
  status: QuestionStatus;
  article_id?: ID;
  asked: number;
  recent: number;
  earlier: number;
  outcomes: Partial<Record<Outcome, number>>;
  langs: Lang[];
  nearest?: Source & { confidence: number; answers: boolean };
  first_at: string;
  last_at: string;
  changed_by?: string;
}
export interface Ask {
  id: string;
  lang: Lang;
  text: string;
  outcome: Outcome;
  article?: string;
  conversation_id?: ID;
  times: number;
  at: string;
}
export interface QuestionDetail extends Question {
  samples: Ask[];
}

export type Why = "same_text" | "same_meaning" | "same_question" | "price" | "time" | "duration" | "percent" | "number" | "yes_no" | "free_fee";
export interface Spot {
  article_id: ID;
  slug: string;
  title: string;
  version: number;
  heading?: string;
  text: string;
  sentence?: string;
  values?: string[];
}
/** Two places that say the same, or the contrary. */
export interface Pair {
  id: string;
  kind: "duplicate" | "contradiction";
  playbook: string;
  lang: Lang;
  score: number;
  why: Why;
  one: Spot;
  other: Spot;
  checked?: "contradicts" | "agrees" | "unclear" | "";
  found_at: string;
}

export const reasons = ["expired", "expiring", "not_helpful", "asked_again", "often_edited", "often_ignored", "old_translation", "not_translated", "never_used"] as const;
export type ReasonKind = (typeof reasons)[number];
export interface Usage {
  answered: number;
  rephrased: number;
  shown: number;
  sent: number;
  edited: number;
  ignored: number;
  helped: number;
  not_helped: number;
}
/** An article that somebody should look at, and why. */
export interface Advice extends Source {
  playbook: string;
  lang: Lang;
  updated_at: string;
  reasons: { kind: ReasonKind; share?: number; count?: number; lang?: Lang; at?: string }[];
  usage: Usage;
}

/** An article proposed from what agents answered. */
export interface Draft {
  id: ID;
  playbook: string;
  lang: Lang;
  status: "open" | "accepted" | "dismissed";
  title: string;
  body: string;
  questions: string[];
  replies: { id: ID; conversation_id?: ID; asked: string; text: string; quality: number; at: string }[];
  quality: number;
  article_id?: ID;
  last_at: string;
}

export interface Filter {
  playbook: string;
  lang: string;
}

const paged = <T>(key: readonly unknown[], path: string, query: Record<string, string | undefined>) =>
  infiniteQueryOptions({
    queryKey: ["insight", ...key, query],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, after: pageParam, limit: 50 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });

export const questionsQuery = (f: Filter & { status: QuestionStatus; q: string }) => paged<Question>(["questions"], "/api/insight/questions", { ...f });
export const questionQuery = (id: ID) => queryOptions({ queryKey: ["insight", "question", id], queryFn: () => api.get<QuestionDetail>(`/api/insight/questions/${id}`), enabled: id !== "" });
export const pairsQuery = (f: Filter & { kind: string }) => paged<Pair>(["pairs"], "/api/insight/duplicates", { ...f });
export const adviceQuery = (f: Filter & { reason: string }) => queryOptions({ queryKey: ["insight", "articles", f], queryFn: async () => listOf<Advice>(await api.get("/api/insight/articles", { ...f })) });
export const draftsQuery = (f: { playbook: string }) => paged<Draft>(["drafts"], "/api/insight/drafts", { status: "open", ...f });

/** Gathers and compares now what is gathered and compared by itself every ten minutes, and every hour. */
export const look = () => api.post("/api/insight/look", undefined, { limit: 90_000 });

export const refresh = () => void client.invalidateQueries({ queryKey: ["insight"] });

export const dismissQuestion = (id: ID) => api.post(`/api/insight/questions/${id}/dismiss`);
export const reopenQuestion = (id: ID) => api.post(`/api/insight/questions/${id}/reopen`);
export const linkQuestion = (id: ID, article: ID) => api.post<{ article: Article }>(`/api/insight/questions/${id}/link`, { article_id: article });
export const draftQuestion = (id: ID) => api.post<{ article: Article }>(`/api/insight/questions/${id}/draft`);
export const dismissPair = (id: string) => api.post(`/api/insight/duplicates/${id}/dismiss`);
export const acceptDraft = (id: ID, content: { title: string; body: string; questions: string[] }) => api.post<{ article: Article }>(`/api/insight/drafts/${id}/accept`, content);
export const dismissDraft = (id: ID) => api.post(`/api/insight/drafts/${id}/dismiss`);
