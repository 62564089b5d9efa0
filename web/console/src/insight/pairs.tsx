import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, GitCompareArrows, Sparkles } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useMe } from "../lib/session";
import { plainText } from "../voice/plain";
import { Tabs } from "../ui/bits";
import { Button } from "../ui/button";
import { Badge, Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { dismissPair, type Filter, type Pair, pairsQuery, refresh, type Spot } from "./api";

/** Two places side by side that say the same, or that cannot both be right. */
export function Pairs({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const [kind, setKind] = useState<"" | Pair["kind"]>("");
  const list = useInfiniteQuery({ ...pairsQuery({ ...filter, kind }), placeholderData: keepPreviousData });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const dismiss = async (p: Pair) => {
    try {
      await dismissPair(p.id);
      refresh();
      toast(t("insight.pair_dismissed"));
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  return (
    <>
      <div className="border-b border-line px-4 py-2 md:px-6">
        <Tabs label={t("insight.view.pairs")} value={kind} onChange={setKind} tabs={[{ value: "", label: t("sources.all") }, { value: "contradiction", label: t("insight.contradictions") }, { value: "duplicate", label: t("insight.duplicates") }]} />
      </div>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && !rows.length ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<GitCompareArrows size={18} aria-hidden />} title={t("insight.no_pairs")}>{t("insight.no_pairs_text")}</Empty>
      ) : (
        <ul className="space-y-4 p-4 md:p-6">
          {rows.map((p) => (
            <li key={p.id} className="rounded-lg border border-line">
              <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
                <Badge meaning={p.kind === "contradiction" ? "breach" : "waiting"} icon={p.kind === "contradiction" ? GitCompareArrows : Copy}>{t(`insight.kind.${p.kind}`)}</Badge>
                <span className="text-text-2">{t(`insight.why.${p.why}`)}</span>
                {p.checked && <span className="inline-flex items-center gap-1 text-xs text-text-3"><Sparkles size={12} aria-hidden />{t(`insight.checked.${p.checked}`)}</span>}
                <span className="flex-1" />
                {may(me, "articles.write") && <Button small tone="quiet" onClick={() => void dismiss(p)}>{t(p.kind === "duplicate" ? "insight.no_duplicate" : "insight.no_contradiction")}</Button>}
              </div>
              <div className="grid divide-line max-md:divide-y md:grid-cols-2 md:divide-x">
                <Place spot={p.one} lang={p.lang} />
                <Place spot={p.other} lang={p.lang} />
              </div>
            </li>
          ))}
          {list.hasNextPage && <li className="text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></li>}
        </ul>
      )}
    </>
  );
}

function Place({ spot: s, lang }: { spot: Spot; lang: string }) {
  const { t } = useTranslation();
  const search = { find: findable(s) } as never;
  return (
    <div className="min-w-0 space-y-2 p-4">
      <p className="flex items-baseline gap-2">
        <Link to="/knowledge/$id" params={{ id: s.article_id }} search={search} className="min-w-0 font-medium text-accent-text underline-offset-2 hover:underline">{s.title}</Link>
        {s.heading && s.heading !== s.title && <span className="truncate text-xs text-text-3">{s.heading}</span>}
      </p>
      <p className="line-clamp-6 text-text-2" lang={lang === "zh" ? "zh-CN" : "en"}><Marked text={plainText(s.sentence || s.text)} values={s.values ?? []} /></p>
      <Link to="/knowledge/$id" params={{ id: s.article_id }} search={search} className="text-xs text-text-2 underline underline-offset-2">{t("knowledge.edit_this")}</Link>
    </div>
  );
}

/** What the editor is to show of it: the sentence, or where its passage begins. */
function findable(s: Spot): string {
  return (s.sentence || s.text).split("\n").map((l) => l.trim()).find(Boolean)?.slice(0, 300) ?? "";
}

/** A text in which what differs stands out. */
export function Marked({ text, values }: { text: string; values: string[] }) {
  const found = values.map((v) => v.trim()).filter(Boolean).sort((a, b) => b.length - a.length);
  if (!found.length) return text;
  const parts = text.split(new RegExp(`(${found.map((v) => v.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "i"));
  return parts.map((p, i) => (i % 2 ? <mark key={i} className="rounded-sm bg-waiting-soft px-0.5 font-semibold text-waiting">{p}</mark> : p));
}
