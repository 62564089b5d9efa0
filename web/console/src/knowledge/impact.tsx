import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CheckCheck, DoorClosed } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import type { ArticleContent, ID } from "../api/types";
import { useBook, useBooks } from "../evals/book";
import { suiteName, whyLine } from "../evals/words";
import { may, useMe } from "../lib/session";
import { number, percent } from "../lib/time";
import { plainText } from "../voice/plain";
import { Badge, Failed, type Meaning, Note } from "../ui/state";
import { contentOf } from "./api";
import { broken, type Given, type Impact as ImpactOf, moved, quiet } from "./impact-api";
import { Bar } from "./sources/run";

const look: Record<ImpactOf["answers"][number]["kind"], Meaning> = { gained: "live", lost: "breach", other_article: "warning", other_text: "waiting" };
const FEW = 5;

export const impactQuery = (id: ID, content: ArticleContent) => ({
  queryKey: ["article", id, "impact", JSON.stringify(contentOf(content))],
  queryFn: () => api.post<ImpactOf>(`/api/articles/${id}/impact`, contentOf(content), { limit: 60_000 }),
  staleTime: 30_000,
  retry: false,
});

/** What publishing would change: past questions asked again, suggestions, tests and sets of questions. */
export function Impact({ id, content }: { id: ID; content: ArticleContent }) {
  const { t } = useTranslation();
  const found = useQuery(impactQuery(id, content));
  if (found.isPending)
    return (
      <div role="status" className="space-y-2 py-6">
        <p className="text-center text-text-2">{t("impact.looking")}</p>
        <Bar done={0} total={0} label={t("impact.looking")} />
      </div>
    );
  if (found.isError) return <Failed error={found.error} what={t("impact.failed")} retry={() => void found.refetch()} />;
  const i = found.data;
  const breaks = broken(i);
  return (
    <div className="space-y-5">
      {quiet(i) ? (
        <div className="flex flex-col items-center gap-1 py-6 text-center">
          <span className="flex size-10 items-center justify-center rounded-full bg-live-soft text-live"><CheckCheck size={18} aria-hidden /></span>
          <p className="mt-1 font-medium">{t("impact.nothing")}</p>
          <p className="text-text-3">{i.looked ? t("impact.nothing_text", { count: i.looked }) : t("impact.never_asked")}</p>
        </div>
      ) : (
        <ul className="flex flex-wrap gap-2" aria-label={t("impact.sum")}>
          {breaks > 0 && <li><Badge meaning="breach">{t("impact.breaks", { count: breaks })}</Badge></li>}
          {i.answers.length > 0 && <li><Badge meaning="waiting">{t("impact.answers_n", { count: i.answers.length })}</Badge></li>}
          {i.suggested.length > 0 && <li><Badge meaning="done">{t("impact.suggested_n", { count: i.suggested.length })}</Badge></li>}
          {i.suites.fixed.length > 0 && <li><Badge meaning="live">{t("impact.fixed_n", { count: i.suites.fixed.length })}</Badge></li>}
        </ul>
      )}
      {i.partial && <Note meaning="warning">{t("impact.partial", { looked: number(i.looked), asked: number(i.asked) })}</Note>}
      {i.suites.broken.length > 0 && (
        <Part title={t("impact.broken")}>
          <Few items={i.suites.broken} of={(c) => <Case key={`${c.suite} ${c.name}`} of={c} />} />
        </Part>
      )}
      {i.answers.length > 0 && (
        <Part title={t("impact.answers")}>
          <Few
            items={alike(i.answers)}
            of={(list) => (
              <li key={list[0].text + list[0].playbook} className="px-3 py-2.5">
                <div className="mb-1.5 flex items-start gap-2">
                  <Many of={list} />
                  <Badge meaning={look[list[0].kind]}>{t(`impact.kind.${list[0].kind}`)}</Badge>
                </div>
                <Turn before={<Said given={list[0].before} bare={list[0].kind === "other_text"} />} after={<Said given={list[0].after} bare={list[0].kind === "other_text"} />} />
              </li>
            )}
          />
        </Part>
      )}
      {moved(i).length > 0 && (
        <Part title={t("impact.sets")}>
          <Few
            items={moved(i)}
            of={(s) => (
              <li key={s.name + s.playbook + s.lang} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                <SetName of={s} />
                {s.breaks && <Badge meaning="breach" icon={DoorClosed}>{t("impact.set_breaks")}</Badge>}
                <span className="tabular-nums">{t("impact.hit3")} {percent(s.before.hit_at_3)} → <span className={s.after.hit_at_3 < s.before.hit_at_3 ? "font-semibold text-breach" : s.after.hit_at_3 > s.before.hit_at_3 ? "font-semibold text-live" : ""}>{percent(s.after.hit_at_3)}</span></span>
                {s.worse.length > 0 && (
                  <div className="basis-full text-xs text-text-2">
                    <p className="text-text-3">{t("impact.worse_n", { count: s.worse.length })}</p>
                    <ul>{s.worse.slice(0, 3).map((w) => <li key={w.question} lang={s.lang === "zh" ? "zh-CN" : "en"}>{w.question}</li>)}</ul>
                  </div>
                )}
              </li>
            )}
          />
        </Part>
      )}
      {i.suggested.length > 0 && (
        <Part title={t("impact.suggested")}>
          <Few
            items={alike(i.suggested)}
            of={(list) => (
              <li key={list[0].text + list[0].playbook} className="px-3 py-2.5">
                <div className="mb-1.5"><Many of={list} /></div>
                <Turn before={<Offered list={list[0].before} />} after={<Offered list={list[0].after} />} />
              </li>
            )}
          />
        </Part>
      )}
      {i.suites.fixed.length > 0 && <Part title={t("impact.fixed")}><Few items={i.suites.fixed} of={(c) => <Case key={`${c.suite} ${c.name}`} of={c} />} /></Part>}
      {!quiet(i) && <p className="text-xs text-text-3">{i.looked > 0 && t("impact.looked", { count: i.looked })}{i.suites.ran > 0 && ` ${t("impact.ran", { count: i.suites.ran })}`}</p>}
    </div>
  );
}

/** Brings together what changes in the same way, in the order of the first of each. */
function alike<T extends { before: unknown; after: unknown }>(all: T[]): T[][] {
  const by = new Map<string, T[]>();
  for (const one of all) {
    const key = JSON.stringify([one.before, one.after], (k, v: unknown) => (k === "confidence" ? undefined : v));
    by.set(key, [...(by.get(key) ?? []), one]);
  }
  return [...by.values()];
}

/** The past questions that have the same change. */
function Many({ of: list }: { of: Parameters<typeof Asked>[0]["of"][] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <div className="min-w-0 flex-1">
      <ul className="space-y-0.5">{(all ? list : list.slice(0, FEW)).map((q) => <li key={q.text} className="flex flex-wrap items-baseline gap-2"><Asked of={q} /></li>)}</ul>
      {list.length > FEW && <button type="button" className="text-xs text-text-2 underline underline-offset-2" onClick={() => setAll(!all)}>{all ? t("common.less") : t("common.all_n", { n: list.length })}</button>}
    </div>
  );
}

/** A past question, how often it came, and the way to where it was asked last. */
function Asked({ of: q }: { of: { text: string; lang: string; times: number; conversation_id?: ID } }) {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <>
      <span className="min-w-0 flex-1 font-medium break-words" lang={q.lang === "zh" ? "zh-CN" : "en"}>
        {q.text}
        {q.times > 1 && <span className="ml-2 text-xs font-normal text-text-3 tabular-nums">{t("impact.times", { count: q.times, n: number(q.times) })}</span>}
      </span>
      {q.conversation_id && may(me, "inbox.all") && <Link to="/inbox/$id" params={{ id: q.conversation_id }} target="_blank" className="text-xs text-text-2 underline underline-offset-2">{t("insight.conversation")}</Link>}
    </>
  );
}

/** A test case by its name, its suite and, when it fails, the first thing that does not hold. */
function Case({ of: c }: { of: ImpactOf["suites"]["broken"][number] }) {
  const { book } = useBook(c.playbook);
  return (
    <li className="px-3 py-2">
      <p className="font-medium break-words">{c.name} <span className="text-xs font-normal text-text-3">{book?.title ?? c.playbook} · {suiteName(c.suite)}</span></p>
      {c.why && <p className="text-xs break-words text-text-2">{plainText(whyLine(book, c.why).replaceAll("\\n", " "))}</p>}
    </li>
  );
}

/** A set of questions: the editors' own, or one of the playbook's files. */
function SetName({ of: s }: { of: ImpactOf["retrieval"][number] }) {
  const { t } = useTranslation();
  const title = useBooks().find((b) => b.name === s.playbook)?.title ?? s.playbook;
  return <span className="min-w-0 flex-1"><span className="font-medium">{s.name === "editors" ? t("impact.own_set") : suiteName(s.name)}</span> <span className="text-xs text-text-3">{title} · {s.lang === "zh" ? "中文" : "English"}</span></span>;
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-xs font-semibold text-text-2">{title}</h3>
      {children}
    </section>
  );
}

/** The first of a list; the rest on request. */
function Few<T>({ items, of }: { items: T[]; of: (x: T) => ReactNode }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className="divide-y divide-line rounded-md border border-line">{(all ? items : items.slice(0, FEW)).map(of)}</ul>
      {items.length > FEW && <button type="button" className="mt-1.5 text-xs text-text-2 underline underline-offset-2" onClick={() => setAll(!all)}>{all ? t("common.less") : t("common.all_n", { n: items.length })}</button>}
    </>
  );
}

function Turn({ before, after }: { before: ReactNode; after: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="grid gap-2 text-xs md:grid-cols-[1fr_auto_1fr]">
      <div className="min-w-0 rounded-sm bg-breach-soft px-2 py-1"><span className="sr-only">{t("impact.before")}: </span>{before}</div>
      <ArrowRight size={14} aria-hidden className="self-center text-text-3 max-md:hidden" />
      <div className="min-w-0 rounded-sm bg-live-soft px-2 py-1"><span className="sr-only">{t("impact.after")}: </span>{after}</div>
    </div>
  );
}

/** An answer; bare: its article goes without saying. */
function Said({ given: g, bare }: { given: Given; bare: boolean }) {
  const { t } = useTranslation();
  if (!g.ok) return <span className="text-text-2">{t("impact.no_answer")}</span>;
  return (
    <>
      {g.article && !bare && <span className="block font-medium">{g.article.title}</span>}
      <span className="line-clamp-4">{plainText(g.text ?? "")}</span>
    </>
  );
}

function Offered({ list }: { list: { title: string; text: string }[] }) {
  const { t } = useTranslation();
  if (!list.length) return <span className="text-text-2">{t("impact.no_suggestion")}</span>;
  return list.map((o, n) => <p key={n} className="line-clamp-2"><span className="font-medium">{o.title}</span> {plainText(o.text)}</p>);
}
