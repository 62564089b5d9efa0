import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { Archive, type LucideIcon, Pencil } from "lucide-react";
import { api } from "../api/client";
import { client, listOf } from "../api/queries";
import type { Article, ArticleContent, ArticleStatus, ArticleVersion, ID, Page } from "../api/types";
import type { Meaning } from "../ui/state";

export interface Filter {
  q?: string;
  status?: string;
  lang?: string;
  tag?: string;
  playbook?: string;
}

export const articlesQuery = (f: Filter) =>
  infiniteQueryOptions({
    queryKey: ["articles", f],
    queryFn: ({ pageParam, signal }) => api.get<Page<Article>>("/api/articles", { ...f, after: pageParam, limit: 50 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });

export const articleQuery = (id: ID) => queryOptions({ queryKey: ["article", id], queryFn: () => api.get<Article>(`/api/articles/${id}`), enabled: id !== "new" });
export const versionsQuery = (id: ID) => queryOptions({ queryKey: ["article", id, "versions"], queryFn: async () => listOf<ArticleVersion>(await api.get(`/api/articles/${id}/versions`, { limit: 100 })) });
export const versionQuery = (id: ID, n: number) =>
  queryOptions({ queryKey: ["article", id, "version", n], queryFn: () => api.get<ArticleVersion>(`/api/articles/${id}/versions/${n}`), staleTime: Infinity, enabled: n > 0 });

/** How each status looks. */
export const statusLook: Record<ArticleStatus, { meaning: Meaning; icon?: LucideIcon }> = {
  draft: { meaning: "done", icon: Pencil },
  review: { meaning: "waiting" },
  published: { meaning: "live" },
  archived: { meaning: "done", icon: Archive },
};

/** What an editor edits; the same keys in the same order, so that two can be compared. */
export function contentOf(a: ArticleContent): Required<Pick<ArticleContent, "title" | "body" | "questions" | "tags" | "audience">> & Pick<ArticleContent, "valid_from" | "valid_to"> {
  return { title: a.title, body: a.body, questions: a.questions ?? [], tags: a.tags ?? [], audience: a.audience, valid_from: real(a.valid_from), valid_to: real(a.valid_to) };
}

function real(at?: string): string | undefined {
  return at && !at.startsWith("0001-") ? at : undefined;
}

export function same(a: ArticleContent, b: ArticleContent): boolean {
  return JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));
}

/** After a change: the article as it is now, and every list anew. */
export function changed(a: Article) {
  client.setQueryData(articleQuery(a.id).queryKey, a);
  void client.invalidateQueries({ queryKey: ["articles"] });
  void client.invalidateQueries({ queryKey: ["article", a.id, "versions"] });
  void client.invalidateQueries({ queryKey: ["search"] });
}
