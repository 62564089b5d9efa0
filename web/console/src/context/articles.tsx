import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, CornerDownLeft, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { Article, Hit, Lang } from "../api/types";
import { Markdown } from "../lib/markdown";
import { Section } from "../ui/bits";
import { Button } from "../ui/button";
import { TextInput } from "../ui/field";
import { Skeleton, useErrorText } from "../ui/state";

/** The knowledge base beside the conversation: look up, read, put into the reply. */
export function Articles({ lang, insert }: { lang: Lang; insert?: (text: string) => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [q, setQ] = useState("");
  const term = useDeferredValue(q.trim());
  const found = useQuery({ queryKey: ["search", term, lang], enabled: term.length > 1, staleTime: 60_000, queryFn: async ({ signal }) => listOf<Hit>(await api.get("/api/search", { q: term, lang }, { signal })) });
  const hits = [...new Map((found.data ?? []).toReversed().map((h) => [h.source.article_id, h])).values()].toReversed();
  return (
    <Section title={t("context.articles")}>
      <div className="relative">
        <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
        <TextInput type="search" value={q} onChange={(e) => setQ(e.target.value)} aria-label={t("context.search_articles")} placeholder={t("context.search_articles")} className="pl-8" />
      </div>
      <div className="mt-2 space-y-1">
        {found.isFetching && !found.data && <><Skeleton className="h-4 w-4/5" /><Skeleton className="h-4 w-3/5" /></>}
        {found.isError && <p className="text-breach">{text(found.error)}</p>}
        {term.length > 1 && found.data?.length === 0 && <p className="text-text-3">{t("context.no_articles", { q: term })}</p>}
        {hits.map((h) => <One key={h.source.article_id} hit={h} insert={insert} />)}
      </div>
    </Section>
  );
}

function One({ hit, insert }: { hit: Hit; insert?: (text: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const whole = useQuery({ queryKey: ["article", hit.source.article_id], enabled: open, queryFn: () => api.get<Article>(`/api/articles/${hit.source.article_id}`) });
  const body = whole.data?.body ?? hit.text ?? "";
  return (
    <div className="rounded-md border border-line">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex w-full items-center gap-1.5 px-2 py-1.5 text-left hover:bg-hover">
        {open ? <ChevronDown size={14} className="shrink-0 text-text-3" aria-hidden /> : <ChevronRight size={14} className="shrink-0 text-text-3" aria-hidden />}
        <span className="min-w-0 flex-1 truncate">{hit.source.title}{hit.heading && <span className="text-text-3"> · {hit.heading}</span>}</span>
      </button>
      {open && (
        <div className="border-t border-line px-3 py-2">
          <div className="max-h-72 overflow-y-auto"><Markdown text={body} /></div>
          {insert && (
            <div className="mt-2 flex justify-end gap-2">
              {hit.text && hit.text !== body && <Button small onClick={() => insert(hit.text)}>{t("context.insert_passage")}</Button>}
              <Button small icon={<CornerDownLeft size={13} aria-hidden />} onClick={() => insert(body)}>{t("context.insert")}</Button>
            </div>
          )}
        </div>
      )}
    </div>
  );
}
