import { queryOptions } from "@tanstack/react-query";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { ID, Page } from "../api/types";
import type { CallNews, CallRecord, Command, LiveCall, Peaks, Prompt, Recording, SipPhone, Trunk, VoiceInfo, Webhook, Where } from "./types";

export const voiceQuery = queryOptions({ queryKey: ["voice"], queryFn: () => api.get<VoiceInfo>("/api/voice"), staleTime: 60_000 });
export const takeCallsAt = (where: Where, number?: string) => api.put<VoiceInfo | undefined>("/api/voice/me", { where, number: number || undefined });

export const phoneAPI = {
  connect: (sdp: string) => api.post<{ id: string; sdp: string }>("/api/voice/phone", { sdp }),
  disconnect: (id: string) => void api.del(`/api/voice/phone/${id}`, { keepalive: true }).catch(() => {}),
};

export const dial = (conversation: ID, to?: string) => api.post<CallNews>("/api/voice/calls", { conversation, to });
export const command = (call: ID, c: Command) => api.post<CallNews>(`/api/voice/calls/${call}/do`, c);
export const callNews = (call: ID) => api.get<CallNews>(`/api/voice/calls/${call}`);
export const liveCalls = async () => listOf<LiveCall>(await api.get("/api/voice/calls"));
export const liveQuery = queryOptions({ queryKey: ["voice", "live"], queryFn: liveCalls });

export interface RecordFilter {
  from?: string;
  to?: string;
  q?: string;
  recorded?: boolean;
}
export const RECORDS = 50;
export const recordsPage = (f: RecordFilter, after: string) => api.get<Page<CallRecord>>("/api/voice/records", { ...range(f), q: f.q, recorded: f.recorded ? "true" : undefined, after, limit: RECORDS });
/** A day in the reader's zone, as the moments it begins and ends at. */
export function range(f: RecordFilter): { from?: string; to?: string } {
  const day = (d: string | undefined, plus: number) => {
    if (!d) return undefined;
    const at = new Date(`${d}T00:00:00`);
    if (Number.isNaN(at.getTime())) return undefined;
    at.setDate(at.getDate() + plus);
    return at.toISOString();
  };
  return { from: day(f.from, 0), to: day(f.to, 1) };
}

export const recordingsQuery = (of: { conversation?: ID; call?: ID }) =>
  queryOptions({ queryKey: ["voice", "recordings", of], queryFn: async () => listOf<Recording>(await api.get("/api/voice/recordings", of)), staleTime: 30_000 });
export const peaksQuery = (id: ID) => queryOptions({ queryKey: ["voice", "peaks", id], queryFn: () => api.get<Peaks>(`/api/voice/recordings/${id}/peaks`, { n: 400 }), staleTime: Infinity });
export const audioOf = (id: ID) => `/api/voice/recordings/${id}/audio`;

export const promptsQuery = queryOptions({ queryKey: ["voice", "prompts"], queryFn: async () => listOf<Prompt>(await api.get("/api/voice/prompts")) });
export const phonesQuery = queryOptions({ queryKey: ["voice", "phones"], queryFn: async () => listOf<SipPhone>(await api.get("/api/voice/phones")) });
export const trunksQuery = queryOptions({ queryKey: ["voice", "trunks"], queryFn: async () => listOf<Trunk>(await api.get("/api/voice/trunks")) });
export const webhooksQuery = queryOptions({ queryKey: ["webhooks"], queryFn: async () => listOf<Webhook>(await api.get("/api/webhooks")) });
