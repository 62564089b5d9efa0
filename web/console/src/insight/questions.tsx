import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronDown, ChevronRight, CircleHelp, FilePlus, Link2, Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ID } from "../api/types";
import { may, useMe } from "../lib/session";
import { number, percent } from "../lib/time";
import { goTo } from "../router";
import { Tabs, When } from "../ui/bits";
import { Button } from "../ui/button";
import { TextInput } from "../ui/field";
import { Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { dismissQuestion, draftQuestion, type Filter, linkQuestion, type Outcome, type Question, questionQuery, questionsQuery, type QuestionStatus, refresh, reopenQuestion } from "./api";
import { PickArticle } from "./pick";
import { Trend } from "./trend";

const statuses: QuestionStatus[] = ["open", "drafted", "linked", "answered", "dismissed"];

/** What was asked in vain, the most asked first; each opens to those who asked and to what can be done. */
export function Questions({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const [status, setStatus] = useState<QuestionStatus>("open");
  const [words, setWords] = useState("");
  const [q, setQ] = useState("");
  const [open, setOpen] = useState<ID>("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(words.trim()), 200);
    return () => clearTimeout(timer);
  }, [words]);
  const list = useInfiniteQuery({ ...questionsQuery({ ...filter, status, q }), placeholderData: keepPreviousData });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const plain = !q && !filter.playbook && !filter.lang;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-6">
        <Tabs className="overflow-x-auto" label={t("insight.status")} value={status} onChange={setStatus} tabs={statuses.map((s) => ({ value: s, label: t(`insight.is.${s}`) }))} />
        <span className="flex-1" />
        <div className="relative w-64 max-md:w-full">
          <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
          <TextInput type="search" className="pl-8" value={words} onChange={(e) => setWords(e.target.value)} aria-label={t("insight.search")} placeholder={t("insight.search")} />
        </div>
      </div>
      {list.isPending ? (
        <SkeletonRows rows={8} />
      ) : list.isError && !rows.length ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<CircleHelp size={18} aria-hidden />} title={status === "open" && plain ? t("insight.no_questions") : t("insight.no_match")}>{status === "open" && plain ? t("insight.no_questions_text") : undefined}</Empty>
      ) : (
        <ul aria-label={t("insight.view.questions")}>
          {rows.map((one) => <Row key={one.id} question={one} open={open === one.id} onOpen={() => setOpen(open === one.id ? "" : one.id)} />)}
          {list.hasNextPage && <li className="p-4 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></li>}
        </ul>
      )}
    </>
  );
}

/** What came nearest, when that is near at all. */
const NEAR = 0.2;
const near = (q: Question) => q.nearest !== undefined && (q.nearest.answers || q.nearest.confidence >= NEAR);

function Row({ question: q, open, onOpen }: { question: Question; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <li className="border-b border-line">
      <button type="button" aria-expanded={open} onClick={onOpen} className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover md:px-6">
        {open ? <ChevronDown size={14} aria-hidden className="shrink-0 text-text-3" /> : <ChevronRight size={14} aria-hidden className="shrink-0 text-text-3" />}
        <span className="min-w-0 flex-1">
          <span className="line-clamp-1 font-medium">{q.label}</span>
          <span className="line-clamp-1 text-xs text-text-3">
            {t("insight.asked", { count: q.asked })} · <When at={q.last_at} />
            {near(q) && q.nearest && <> · {t(q.nearest.answers ? "insight.answers_now" : "insight.nearest", { title: q.nearest.title })}</>}
          </span>
        </span>
        <Trend of={q} />
        <span className="w-12 shrink-0 text-right text-lg font-semibold tabular-nums" aria-hidden>{number(q.asked)}</span>
      </button>
      {open && <Detail question={q} />}
    </li>
  );
}

function Detail({ question: q }: { question: Question }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const more = useQuery(questionQuery(q.id));
  const [pick, setPick] = useState(false);
  const [busy, setBusy] = useState(false);
  const write = may(me, "articles.write");
  const run = async (f: () => Promise<void>) => {
    setBusy(true);
    try {
      await f();
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  const back = () => void run(async () => { await reopenQuestion(q.id); refresh(); });
  const dismiss = () => run(async () => { await dismissQuestion(q.id); refresh(); toast(t("insight.dismissed"), { undo: back }); });
  const draft = () => run(async () => { const { article } = await draftQuestion(q.id); refresh(); goTo(`/knowledge/${article.id}`); });
  const link = (article: ID) => run(async () => { const r = await linkQuestion(q.id, article); setPick(false); refresh(); toast(t("insight.linked", { title: r.article.title }), { undo: back }); });
  const outcomes = Object.entries(q.outcomes).filter(([, n]) => n > 0) as [Outcome, number][];
  return (
    <div className="space-y-4 bg-bg px-4 pt-3 pb-5 md:pr-6 md:pl-13">
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2" aria-label={t("insight.outcomes")}>
        {outcomes.map(([o, n]) => <li key={o}>{t(`insight.outcome.${o}`)} <span className="font-semibold tabular-nums">{number(n)}</span></li>)}
      </ul>
      {more.isPending ? (
        <SkeletonRows rows={3} />
      ) : more.isError ? (
        <Failed error={more.error} retry={() => void more.refetch()} />
      ) : (
        <ul className="max-h-64 divide-y divide-line overflow-y-auto rounded-md border border-line bg-surface" aria-label={t("insight.samples")} tabIndex={0}>
          {more.data.samples.map((a) => (
            <li key={a.id} className="flex items-baseline gap-3 px-3 py-1.5">
              <span className="min-w-0 flex-1 break-words" lang={a.lang === "zh" ? "zh-CN" : "en"}>{a.text}</span>
              {a.times > 1 && <span className="text-xs text-text-3 tabular-nums">×{number(a.times)}</span>}
              {a.conversation_id && may(me, "inbox.all") && <Link to="/inbox/$id" params={{ id: a.conversation_id }} className="text-xs text-accent-text underline underline-offset-2">{t("insight.conversation")}</Link>}
              <When at={a.at} className="text-xs whitespace-nowrap text-text-3" />
            </li>
          ))}
        </ul>
      )}
      {near(q) && q.nearest && (
        <p className="text-text-2">
          {t("insight.nearest_is")} <Link to="/knowledge/$id" params={{ id: q.nearest.article_id }} search={{ ask: q.label } as never} className="font-medium text-accent-text underline underline-offset-2">{q.nearest.title}</Link>{" "}
          <span className="text-xs text-text-3">{t(q.nearest.answers ? "insight.sure_enough" : "insight.not_sure", { share: percent(q.nearest.confidence) })}</span>
        </p>
      )}
      {write && (
        <div className="flex flex-wrap gap-2">
          {q.status === "open" ? (
            <>
              <Button tone="primary" icon={<FilePlus size={14} aria-hidden />} disabled={busy} onClick={() => void draft()}>{t("insight.draft")}</Button>
              {near(q) && q.nearest && <Button icon={<Link2 size={14} aria-hidden />} disabled={busy} onClick={() => void link(q.nearest?.article_id ?? "")}>{t("insight.link_to", { title: q.nearest.title })}</Button>}
              <Button icon={<Link2 size={14} aria-hidden />} disabled={busy} onClick={() => setPick(true)}>{t("insight.link")}</Button>
              <Button tone="quiet" icon={<X size={14} aria-hidden />} disabled={busy} onClick={() => void dismiss()}>{t("insight.dismiss")}</Button>
            </>
          ) : (
            <>
              {q.article_id && <Button onClick={() => goTo(`/knowledge/${q.article_id}?ask=${encodeURIComponent(q.label)}`)}>{t("sources.open_article")}</Button>}
              <Button disabled={busy} onClick={back}>{t("insight.reopen")}</Button>
            </>
          )}
        </div>
      )}
      {pick && <PickArticle playbook={q.playbook} lang={q.langs[0]} onClose={() => setPick(false)} onPick={(id) => void link(id)} />}
    </div>
  );
}
