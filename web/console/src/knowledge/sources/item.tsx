import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Markdown } from "../../lib/markdown";
import { Tabs } from "../../ui/bits";
import { Diff } from "../../ui/diff";
import { Failed, Note, SkeletonRows } from "../../ui/state";
import { type Item, itemQuery, type Source } from "./api";
import { Choice } from "./form";
import { StateBadge, useTroubleText } from "./kinds";

/** One page as readers would get it, beside the article that it is about to change. */
export function Detail({ source, item, stamp, whose, onDecide }: { source: Source; item: Item; stamp: string; whose?: "take" | "keep"; onDecide?: (w: "take" | "keep" | undefined) => void }) {
  const { t } = useTranslation();
  const trouble = useTroubleText();
  const view = useQuery(itemQuery(source.id, stamp, item.id));
  const [way, setWay] = useState<"read" | "diff">(item.state === "changed" || item.state === "conflict" ? "diff" : "read");
  if (view.isPending) return <SkeletonRows rows={5} />;
  if (view.isError) return <Failed error={view.error} retry={() => void view.refetch()} />;
  const { page, article, problems, state } = view.data;
  const differs = article !== null && (article.title !== page.title || article.body !== page.markdown) && state !== "gone";
  const zh = page.lang === "zh" ? "zh-CN" : "en";
  const body = (label: string, title: string, md: string) => (
    <div className="min-w-0 rounded-lg border border-line bg-surface p-4" lang={zh}>
      {differs && <p className="mb-2 text-xs text-text-3">{label}</p>}
      <h3 className="mb-2 text-lg font-semibold">{title}</h3>
      <Markdown text={md} />
    </div>
  );
  return (
    <div className="space-y-4 p-4 md:p-6">
      <div>
        <div className="flex flex-wrap items-center gap-2">
          <StateBadge state={state} />
          <span className="text-xs text-text-3">{page.lang === "zh" ? "中文" : "English"}</span>
          {page.section && <span className="text-xs text-text-3">· {page.section}</span>}
          <span className="flex-1" />
          {article && <Link to="/knowledge/$id" params={{ id: article.id }} className="font-medium text-accent-text underline underline-offset-2">{t("sources.open_article")}</Link>}
        </div>
        {page.url ? (
          <a href={page.url} target="_blank" rel="noopener noreferrer" className="mt-1 inline-flex max-w-full items-center gap-1 text-xs break-all text-text-2 underline underline-offset-2">{page.url}<ExternalLink size={11} aria-hidden className="shrink-0" /></a>
        ) : (
          page.key !== page.title && <p className="mt-1 font-mono text-xs break-all text-text-3">{page.key}</p>
        )}
      </div>
      {problems.length > 0 && <Note meaning="warning">{problems.map((p, n) => <p key={n}>{trouble(p)}</p>)}</Note>}
      {state === "gone" && <Note meaning="warning">{t(source.gone === "unpublish" ? "sources.is_gone_unpublish" : "sources.is_gone")}</Note>}
      {onDecide && (
        <div className="rounded-lg border border-line bg-surface p-4">
          <p className="mb-3">{t("sources.conflict_text")}</p>
          <Choice
            name={`whose-${item.id}`}
            label={t("sources.whose")}
            value={whose ?? ("" as "take" | "keep" | "")}
            onChange={(v) => onDecide(v || undefined)}
            options={[
              { value: "keep", label: t("sources.keep_mine"), text: t("sources.keep_mine_text") },
              { value: "take", label: t("sources.take_theirs"), text: t("sources.take_theirs_text") },
            ]}
          />
          {whose && <button type="button" className="mt-2 text-xs text-text-2 underline underline-offset-2" onClick={() => onDecide(undefined)}>{t("sources.later")}</button>}
        </div>
      )}
      {differs && article ? (
        <>
          <Tabs label={t("sources.way_to_see")} value={way} onChange={setWay} tabs={[{ value: "diff", label: t("sources.see_diff") }, { value: "read", label: t("sources.see_both") }]} />
          {way === "diff" ? (
            <div className="space-y-3">
              {article.title !== page.title && <Diff a={article.title} b={page.title} left={t("sources.article_now")} right={t("sources.page_now")} />}
              {article.body !== page.markdown && <Diff a={article.body} b={page.markdown} left={t("sources.article_now")} right={t("sources.page_now")} />}
            </div>
          ) : (
            <div className="grid gap-3 xl:grid-cols-2">
              {body(t("sources.article_now"), article.title, article.body)}
              {body(t("sources.page_now"), page.title, page.markdown)}
            </div>
          )}
        </>
      ) : (
        body("", page.title, page.markdown)
      )}
      {page.questions.length > 0 && (
        <div>
          <h3 className="mb-1 text-xs font-semibold text-text-2">{t("knowledge.questions")}</h3>
          <ul className="list-disc pl-5 text-text-2" lang={zh}>{page.questions.map((x) => <li key={x}>{x}</li>)}</ul>
        </div>
      )}
      {page.tags.length > 0 && <p className="flex flex-wrap gap-1">{page.tags.map((x) => <span key={x} className="rounded-sm bg-sunken px-1.5 text-xs text-text-2">{x}</span>)}</p>}
    </div>
  );
}
