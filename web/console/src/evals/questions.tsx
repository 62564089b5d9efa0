import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, ClipboardPaste, Plus, Trash2, TriangleAlert } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import type { Lang } from "../api/types";
import { currentLang } from "../i18n";
import { MOD, useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { number, percent } from "../lib/time";
import { Tabs } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Field, Select, TextInput } from "../ui/field";
import { Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { questionsQuery } from "./api";
import { type Named, useArticleNames, useBook, useBooks } from "./book";
import { Figure, Workspace } from "./frame";
import { pasted } from "./paste";
import type { Miss, Question, QuestionSet } from "./types";

/** Which article answers which question, and whether the search finds it. */
export function Questions() {
  const { t } = useTranslation();
  const books = useBooks();
  const sets = useQuery(questionsQuery);
  const [playbook, setPlaybook] = useState("");
  const [lang, setLang] = useState<Lang>(currentLang());
  const name = playbook || books[0]?.name || "";
  const set = sets.data?.find((s) => s.playbook === name && s.lang === lang);
  return (
    <Workspace sub={t("evals.questions_sub")}>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3 md:px-6">
        <Select aria-label={t("evals.playbook")} className="!w-auto" value={name} onChange={(e) => setPlaybook(e.target.value)}>
          {books.map((b) => <option key={b.name} value={b.name}>{b.title}</option>)}
        </Select>
        <Tabs label={t("evals.lang")} value={lang} onChange={setLang} tabs={[{ value: "en", label: "English", count: sets.data?.find((s) => s.playbook === name && s.lang === "en")?.questions.length }, { value: "zh", label: "中文", count: sets.data?.find((s) => s.playbook === name && s.lang === "zh")?.questions.length }]} />
      </div>
      {sets.isPending || !name ? <SkeletonRows /> : sets.isError ? <Failed error={sets.error} retry={() => void sets.refetch()} /> : <Sheet key={`${name}/${lang}`} playbook={name} lang={lang} set={set} />}
    </Workspace>
  );
}

let made = 0;
interface Row extends Question {
  id: number;
}
const row = (question = "", article = ""): Row => ({ id: ++made, question, article });

const NONE: Named[] = [];

function Sheet({ playbook, lang, set }: { playbook: string; lang: Lang; set?: QuestionSet }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const can = may(me, "evals.questions");
  const articles = useArticleNames(playbook, lang, useBook(playbook).book?.articles ?? NONE);
  const list = useId();
  const [rows, setRows] = useState<Row[]>(() => (set?.questions.length ? set.questions.map((q) => row(q.question, q.article)) : []));
  const [least, setLeast] = useState(set?.least ?? 0);
  const [busy, setBusy] = useState(false);
  const [dirty, setDirty] = useState(false);
  const table = useRef<HTMLTableSectionElement>(null);
  const focus = useRef<number | undefined>(undefined);
  const score = set?.score;
  const misses = new Map((score?.misses ?? []).map((m) => [m.question, m]));
  const stored = new Map((set?.questions ?? []).map((q) => [q.question, q.article]));

  useEffect(() => {
    if (focus.current === undefined) return;
    table.current?.querySelectorAll<HTMLInputElement>("input[data-ask]")[focus.current]?.focus();
    focus.current = undefined;
  }, [rows]);

  const change = (next: Row[], at?: number) => {
    setRows(next);
    setDirty(true);
    focus.current = at;
  };
  const put = (i: number, part: Partial<Question>) => change(rows.map((r, j) => (j === i ? { ...r, ...part } : r)));
  const add = (at = rows.length) => change([...rows.slice(0, at), row(), ...rows.slice(at)], at);
  const drop = (i: number) => {
    const was = rows;
    change(rows.filter((_, j) => j !== i), Math.max(0, i - 1));
    if (rows[i].question) toast(t("evals.row_deleted"), { undo: () => change(was) });
  };
  const paste = (i: number, clip: string): boolean => {
    const lines = pasted(clip);
    if (!lines) return false;
    const next = [...rows];
    const blank = next[i] && !next[i].question && !next[i].article;
    next.splice(i, blank ? 1 : 0, ...lines.map((l) => row(l.question, l.article)));
    change(next, i + lines.length - 1);
    toast(t("evals.pasted", { count: lines.length }));
    return true;
  };
  const save = async () => {
    const questions = rows.filter((r) => r.question.trim()).map((r) => ({ question: r.question.trim(), article: r.article.trim() }));
    if (!can || busy) return;
    setBusy(true);
    try {
      if (questions.length === 0) {
        if (set) await api.del(`/api/evals/retrieval?playbook=${playbook}&lang=${lang}`);
        client.setQueryData<QuestionSet[]>(questionsQuery.queryKey, (now) => now?.filter((s) => !(s.playbook === playbook && s.lang === lang)));
      } else {
        const got = await api.put<QuestionSet>("/api/evals/retrieval", { playbook, lang, least, questions });
        client.setQueryData<QuestionSet[]>(questionsQuery.queryKey, (now) => [...(now ?? []).filter((s) => !(s.playbook === playbook && s.lang === lang)), got]);
      }
      setDirty(false);
      toast(t("evals.questions_saved", { count: questions.length }));
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  useKeys({ "mod+s": () => void save() }, can);

  if (rows.length === 0 && !dirty)
    return (
      <Empty icon={<ClipboardPaste size={18} aria-hidden />} title={t("evals.no_questions")} action={can && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => add(0)}>{t("evals.first_question")}</Button>}>
        {t("evals.no_questions_text")}
      </Empty>
    );
  return (
    <div>
      <div className="flex flex-wrap items-end gap-x-8 gap-y-3 border-y border-line bg-bg px-4 py-3 md:px-6">
        {score ? (
          <>
            <Figure value={percent(score.hit_at_1, 1)} label={t("evals.hit1")} tone={score.hit_at_1 < 0.7 ? "breach" : undefined} />
            <Figure value={percent(score.hit_at_3, 1)} label={t("evals.hit3")} tone={score.least && score.hit_at_3 < score.least ? "breach" : undefined} />
            {score.withheld > 0 && <Figure value={percent(score.withheld)} label={t("evals.withheld")} />}
            <Figure value={number(score.misses.length)} label={t("evals.misses", { count: score.misses.length })} tone={score.misses.length ? "warning" : "live"} />
          </>
        ) : (
          <p className="text-text-3">{t("evals.not_scored")}</p>
        )}
        <span className="flex-1" />
        <Field label={t("evals.least")} className="w-60">
          {(p) => (
            <Select {...p} disabled={!can} value={least} onChange={(e) => { setLeast(Number(e.target.value)); setDirty(true); }}>
              <option value={0}>{t("evals.least_none")}</option>
              {[...new Set([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1, least].filter(Boolean))].sort().map((v) => <option key={v} value={v}>{t("evals.least_at", { n: percent(v) })}</option>)}
            </Select>
          )}
        </Field>
        {can && <Button tone="primary" disabled={busy || !dirty} keys={`${MOD} S`} onClick={() => void save()}>{t("evals.save_score")}</Button>}
      </div>
      <datalist id={list}>{articles.map((a) => <option key={a.name} value={a.title}>{a.name}</option>)}</datalist>
      <table className="w-full max-md:block">
        <caption className="sr-only">{t("evals.questions_sub")}</caption>
        <thead className="border-b border-line max-md:hidden">
          <tr className="text-left text-xs text-text-3">
            <th scope="col" className="w-10 py-2 pl-6 font-medium">{t("evals.no_col")}</th>
            <th scope="col" className="px-2 py-2 font-medium">{t("evals.question")}</th>
            <th scope="col" className="w-72 px-2 py-2 font-medium">{t("evals.article")}</th>
            <th scope="col" className="w-72 px-2 py-2 font-medium">{t("evals.found")}</th>
            <th scope="col" className="w-12 py-2 pr-6"><span className="sr-only">{t("common.delete")}</span></th>
          </tr>
        </thead>
        <tbody ref={table} className="max-md:block">
          {rows.map((r, i) => {
            const known = stored.get(r.question.trim()) === r.article.trim() && score;
            const miss = known ? misses.get(r.question.trim()) : undefined;
            return (
              <tr
                key={r.id}
                className="border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-2 max-md:gap-y-1 max-md:px-4 max-md:py-2"
                onKeyDown={(e) => {
                  if (e.nativeEvent.isComposing) return;
                  const asks = () => table.current?.querySelectorAll<HTMLInputElement>("input[data-ask]");
                  if (e.key === "Enter" && e.target instanceof HTMLInputElement) {
                    e.preventDefault();
                    if (i === rows.length - 1) add();
                    else asks()?.[i + 1]?.focus();
                  } else if (e.key === "Backspace" && (e.metaKey || e.ctrlKey)) {
                    e.preventDefault();
                    drop(i);
                  } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && e.target instanceof HTMLInputElement && e.target.dataset.ask !== undefined) {
                    const to = asks()?.[i + (e.key === "ArrowDown" ? 1 : -1)];
                    if (to) {
                      e.preventDefault();
                      to.focus();
                    }
                  }
                }}
              >
                <td className="py-1 pl-6 text-xs text-text-3 tabular-nums max-md:hidden">{i + 1}</td>
                <td className="px-2 py-1 max-md:w-full max-md:p-0">
                  <TextInput
                    data-ask
                    readOnly={!can}
                    aria-label={t("evals.question_n", { n: i + 1 })}
                    placeholder={t("evals.question_hint")}
                    maxLength={500}
                    value={r.question}
                    onChange={(e) => put(i, { question: e.target.value })}
                    onPaste={(e) => paste(i, e.clipboardData.getData("text/plain")) && e.preventDefault()}
                    className="!border-transparent !bg-transparent hover:!border-field focus:!border-accent"
                  />
                </td>
                <td className="px-2 py-1 max-md:w-full max-md:p-0">
                  <ArticleBox list={list} readOnly={!can} label={t("evals.article_n", { n: i + 1 })} slug={r.article} articles={articles} onChange={(article) => put(i, { article })} />
                </td>
                <td className="px-2 py-1 text-xs max-md:flex-1 max-md:py-0 max-md:pl-2.5"><Found known={Boolean(known)} miss={miss} name={(s) => articles.find((a) => a.name === s)?.title ?? s} unknown={r.article !== "" && articles.length > 0 && !articles.some((a) => a.name === r.article)} /></td>
                <td className="py-1 pr-6 text-right max-md:p-0">{can && <IconButton small label={t("evals.delete_n", { n: i + 1 })} onClick={() => drop(i)}><Trash2 size={14} aria-hidden /></IconButton>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {can && (
        <div className="flex flex-wrap items-center gap-3 px-4 py-3 md:px-6">
          <Button icon={<Plus size={14} aria-hidden />} onClick={() => add()}>{t("evals.add_question")}</Button>
          <p className="text-xs text-text-3">{t("evals.sheet_keys")}</p>
        </div>
      )}
    </div>
  );
}

/** An article by its title; who writes its slug, as a spreadsheet may, gets the title. */
function ArticleBox({ slug, articles, list, label, readOnly, onChange }: { slug: string; articles: Named[]; list: string; label: string; readOnly: boolean; onChange: (slug: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const known = articles.find((a) => a.name === slug);
  const take = (written: string) => {
    setText(written);
    const to = articles.find((a) => a.title === written || a.name === written)?.name ?? written;
    if (to !== slug) onChange(to);
  };
  return (
    <TextInput
      list={list}
      readOnly={readOnly}
      aria-label={label}
      title={known?.title}
      placeholder={t("evals.no_answer")}
      maxLength={200}
      value={text ?? known?.title ?? slug}
      onChange={(e) => take(e.target.value)}
      onBlur={() => setText(undefined)}
      className="!border-transparent !bg-transparent hover:!border-field focus:!border-accent"
    />
  );
}

/** Where the article came, and what came instead. */
function Found({ known, miss, name, unknown }: { known: boolean; miss?: Miss; name: (slug: string) => string; unknown: boolean }) {
  const { t } = useTranslation();
  if (unknown) return <span className="flex items-start gap-1.5 text-warning"><TriangleAlert size={13} className="mt-px shrink-0" aria-hidden />{t("evals.unknown_article")}</span>;
  if (!known) return <span className="text-text-3">–</span>;
  if (!miss) return <span className="flex items-start gap-1.5 text-live"><CircleCheck size={13} className="mt-px shrink-0" aria-hidden />{t("evals.found_first")}</span>;
  const instead = miss.got.filter((g) => g !== miss.article).slice(0, 2).map(name).join(t("common.comma"));
  const near = miss.rank > 0 && miss.rank <= 3;
  return (
    <span className={`flex items-start gap-1.5 ${near ? "text-warning" : "text-breach"}`}>
      {near ? <TriangleAlert size={13} className="mt-px shrink-0" aria-hidden /> : <CircleAlert size={13} className="mt-px shrink-0" aria-hidden />}
      <span>
        {miss.article === "" ? t("evals.found_though") : miss.rank > 0 ? t("evals.found_at", { n: miss.rank }) : t("evals.found_not")}
        {instead && <span className="block text-text-3">{t("evals.instead", { what: instead })}</span>}
      </span>
    </span>
  );
}
