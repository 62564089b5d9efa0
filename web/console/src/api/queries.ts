import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import type { Agent, Canned, ContactPage, Counts, ID, InboxRow, Me, OfferCard, Opened, Page, QueueRow, Tab } from "./types";
import { api, ApiError } from "./client";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (n, err) => n < 2 && err instanceof ApiError && (err.status === 0 || err.status >= 500),
    },
  },
});

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => api.get<Me>("/api/me"), staleTime: Infinity, retry: (n, err) => n < 3 && err instanceof ApiError && err.status === 0 });
export const setupQuery = queryOptions({ queryKey: ["setup"], queryFn: () => api.get<{ needed: boolean }>("/api/setup"), staleTime: Infinity });

export interface InboxKey {
  tab: Tab;
  q: string;
  queue: string;
}
export const PAGE = 100;

export const inboxQuery = (key: InboxKey) =>
  infiniteQueryOptions({
    queryKey: ["inbox", key],
    queryFn: ({ pageParam, signal }) => api.get<Page<InboxRow>>("/api/conversations", { ...key, after: pageParam, limit: PAGE }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    staleTime: Infinity,
    // Comparing ten thousand rows field by field for each page would be felt.
    structuralSharing: false,
  });

export const countsQuery = queryOptions({ queryKey: ["counts"], queryFn: () => api.get<Counts>("/api/conversations/counts") });
export const offersQuery = queryOptions({
  queryKey: ["offers"],
  queryFn: async () => listOf<OfferCard>(await api.get("/api/offers")),
});

export const conversationQuery = (id: ID) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: async ({ signal }) => {
      const o = await api.get<Opened>(`/api/conversations/${id}`, undefined, { signal });
      return { ...o, events: o.events ?? [], suggestions: o.suggestions ?? [] };
    },
    staleTime: Infinity,
    gcTime: 60_000,
  });

export const contactQuery = (id: ID) => queryOptions({ queryKey: ["contact", id], queryFn: () => api.get<ContactPage>(`/api/contacts/${id}`), staleTime: 15_000 });
export const queuesQuery = queryOptions({ queryKey: ["queues"], queryFn: async () => listOf<QueueRow>(await api.get("/api/queues")) });
export const agentsQuery = queryOptions({ queryKey: ["agents"], queryFn: async () => listOf<Agent>(await api.get("/api/agents")) });
export const cannedQuery = queryOptions({ queryKey: ["canned"], queryFn: async () => listOf<Canned>(await api.get("/api/canned", { limit: 200 })), staleTime: 300_000 });

/** Short lists come whole, as a page or as a plain array. */
export function listOf<T>(answer: unknown): T[] {
  if (Array.isArray(answer)) return answer as T[];
  return ((answer as Page<T> | null)?.items ?? []) as T[];
}
