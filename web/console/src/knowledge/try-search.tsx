import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { Hit, Lang } from "../api/types";
import { percent } from "../lib/time";
import { plainText } from "../voice/plain";
import { Field, TextInput } from "../ui/field";
import { Failed } from "../ui/state";

/** Asks the knowledge base as a customer would, and shows what it finds and how sure it is. */
export function TrySearch({ playbook, lang }: { playbook: string; lang: Lang }) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(words.trim()), 250);
    return () => clearTimeout(timer);
  }, [words]);
  const found = useQuery({
    queryKey: ["search", "try", playbook, lang, q],
    queryFn: async ({ signal }) => listOf<Hit & { did_you_mean?: string }>(await api.get("/api/search", { q, lang, playbook, limit: 5 }, { signal })),
    enabled: q !== "",
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
  const mean = found.data?.[0]?.did_you_mean;
  return (
    <div className="space-y-3 p-4 lg:sticky lg:top-0">
      <Field label={t("synonyms.try")} hint={t("synonyms.try_text")}>
        {(p) => (
          <div className="relative">
            <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
            <TextInput {...p} type="search" className="pl-8" value={words} onChange={(e) => setWords(e.target.value)} placeholder={t("synonyms.try_hint")} />
          </div>
        )}
      </Field>
      {q === "" ? null : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : found.data?.length === 0 ? (
        <p className="py-4 text-center text-text-3" role="status">{t("synonyms.nothing")}</p>
      ) : (
        <>
          {mean && <p className="text-xs text-text-2">{t("synonyms.meant", { words: mean })}</p>}
          <ol className="space-y-2" aria-label={t("synonyms.found")}>
            {found.data?.map((h, i) => (
              <li key={`${h.source.article_id}-${i}`} className="rounded-md border border-line bg-surface p-3">
                <div className="flex items-baseline gap-2">
                  <Link to="/knowledge/$id" params={{ id: h.source.article_id }} className="min-w-0 flex-1 font-medium text-accent-text underline-offset-2 hover:underline">{h.source.title}</Link>
                  <span className="text-xs text-text-3 tabular-nums" title={t("synonyms.sure")}>{percent(h.confidence)}</span>
                </div>
                <p className="mt-1 line-clamp-2 text-xs text-text-2">{plainText(h.text)}</p>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
