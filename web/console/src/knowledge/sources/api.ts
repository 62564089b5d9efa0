import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client";
import { client } from "../../api/queries";
import type { Article, Audience, ID, Lang, Page } from "../../api/types";

export type SourceKind = "files" | "site" | "folder";
export type Find = "auto" | "list" | "links";

export interface Site {
  start: string[];
  find?: Find;
  include?: string[];
  exclude?: string[];
  depth?: number;
  pages?: number;
  delay_ms?: number;
}

/** What an editor says of a source. */
export interface SourceFields {
  name: string;
  playbook: string;
  lang: Lang | "";
  audience: Audience;
  publish: boolean;
  gone: "keep" | "unpublish";
  schedule: "" | "daily";
}

export interface Source extends SourceFields {
  id: ID;
  kind: SourceKind;
  settings: { site?: Site; files?: { name: string; size: number }[]; path?: string };
  next_at?: string;
  created_at: string;
  created_by: string;
  last_run?: Run;
}

export interface Trouble {
  key?: string;
  code: string;
  message: string;
}

/** One reading of a source: a preview changes nothing, a sync does. */
export interface Run {
  id: ID;
  source_id: ID;
  mode: "preview" | "sync";
  status: "running" | "done" | "failed" | "stopped";
  phase: "" | "reading" | "comparing" | "saving";
  by: string;
  started_at: string;
  finished_at?: string;
  done: number;
  total: number;
  bytes: number;
  found: { new: number; changed: number; unchanged: number; conflicts: number; gone: number; failed: number; duplicates: number };
  saved: { added: number; updated: number; kept: number; unpublished: number };
  partial?: boolean;
  problems: Trouble[];
  take?: string[];
  keep?: string[];
  skip?: string[];
  error?: string;
}

export type ItemState = "unread" | "new" | "changed" | "unchanged" | "conflict" | "gone" | "failed" | "duplicate" | "added" | "updated" | "kept" | "unpublished";

export interface Item {
  id: string;
  state: ItemState;
  page: { key: string; title: string; markdown: string; lang: Lang; questions: string[]; tags: string[]; url?: string; section?: string };
  fetched_at?: string;
  problems: Trouble[];
  article_id?: ID;
  applied_at?: string;
}

export interface ItemView extends Item {
  article: Article | null;
}

export interface Provenance {
  source_id: ID;
  source: string;
  kind: SourceKind;
  item_id: string;
  key: string;
  url?: string;
  fetched_at: string;
  applied_at: string;
  state: ItemState;
}

export const running = (s?: { last_run?: Run }) => s?.last_run?.status === "running";

export const sourcesQuery = infiniteQueryOptions({
  queryKey: ["sources"],
  queryFn: ({ pageParam, signal }) => api.get<Page<Source>>("/api/sources", { after: pageParam, limit: 50 }, { signal }),
  initialPageParam: "",
  getNextPageParam: (last) => last.next || undefined,
  staleTime: 0,
});

export const sourceQuery = (id: ID) => queryOptions({ queryKey: ["source", id], queryFn: () => api.get<Source>(`/api/sources/${id}`), staleTime: 0 });

export const itemsQuery = (id: ID, run: string, state: ItemState | "", q: string) =>
  infiniteQueryOptions({
    queryKey: ["source", id, "items", run, state, q],
    queryFn: ({ pageParam, signal }) => api.get<Page<Item>>(`/api/sources/${id}/items`, { state, q, after: pageParam, limit: 100 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });

export const itemQuery = (id: ID, run: string, item: string) => queryOptions({ queryKey: ["source", id, "item", run, item], queryFn: () => api.get<ItemView>(`/api/sources/${id}/items/${item}`), staleTime: 0 });

export const runsQuery = (id: ID, newest: string) =>
  infiniteQueryOptions({
    queryKey: ["source", id, "runs", newest],
    queryFn: ({ pageParam }) => api.get<Page<Run>>(`/api/sources/${id}/runs`, { after: pageParam, limit: 20 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });

/** Every page in one state, however many there are, up to the most that one order may name. */
export async function allItems(id: ID, state: ItemState | "", q: string): Promise<Item[]> {
  const out: Item[] = [];
  for (let after = ""; out.length < 5000; ) {
    const page = await api.get<Page<Item>>(`/api/sources/${id}/items`, { state, q, after, limit: 200 });
    out.push(...page.items);
    if (!page.next) break;
    after = page.next;
  }
  return out;
}

/** Begins to read a source and tells every screen that shows it. */
export async function start(id: ID, mode: "preview" | "sync", order: { take?: string[]; keep?: string[]; skip?: string[] } = {}): Promise<Run> {
  const run = await api.post<Run>(`/api/sources/${id}/${mode}`, mode === "sync" ? order : {});
  client.setQueryData(sourceQuery(id).queryKey, (s) => s && { ...s, last_run: run });
  void client.invalidateQueries({ queryKey: ["sources"] });
  return run;
}

export interface Sum {
  state: ItemState;
  n: number;
}

/** How many pages stand how after a run, in the order in which they want to be looked at. */
export function sums(r: Run): Sum[] {
  const { found: f, saved: s } = r;
  const synced = r.mode === "sync" && r.status !== "running";
  const taken = r.take?.length ?? 0;
  const left = (n: number) => (r.skip?.length ? Math.max(0, n) : 0);
  const list: Sum[] = [
    { state: "conflict", n: synced ? Math.max(0, f.conflicts - s.kept - taken) : f.conflicts },
    ...(synced
      ? [
          { state: "added" as const, n: s.added },
          { state: "updated" as const, n: s.updated },
          { state: "kept" as const, n: s.kept },
          { state: "unpublished" as const, n: s.unpublished },
          { state: "new" as const, n: left(f.new - s.added) },
          { state: "changed" as const, n: left(f.changed - s.updated + taken) },
        ]
      : [
          { state: "new" as const, n: f.new },
          { state: "changed" as const, n: f.changed },
        ]),
    { state: "failed", n: f.failed },
    { state: "gone", n: f.gone - (synced ? s.unpublished : 0) },
    { state: "duplicate", n: f.duplicates },
    { state: "unchanged", n: f.unchanged },
  ];
  return list.filter((x) => x.n > 0);
}
