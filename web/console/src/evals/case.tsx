import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, CircleAlert, CircleCheck, Play, ShieldCheck } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client } from "../api/queries";
import type { Lang, Problem } from "../api/types";
import { currentLang } from "../i18n";
import { MOD, useKeys } from "../lib/keys";
import { useMedia } from "../lib/media";
import { may, useMe } from "../lib/session";
import { goTo, router } from "../router";
import { Screen, Tabs } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Code } from "../ui/code";
import { Check, Chips, Field, Select, TextInput } from "../ui/field";
import { Badge, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { playScenario, scenarioQuery, startRun, type SuiteText } from "./api";
import { type Book, nowIn, useBook, useBooks } from "./book";
import { FromConversation } from "./case-row";
import { ByChat } from "./by-chat";
import { ByGoal } from "./by-goal";
import { allCases, failed } from "./report";
import { complete, fromYaml, rowsOf, tidy, toYaml } from "./suite";
import { Transcript, Troubles } from "./transcript";
import type { CaseFile, CaseResult, Played, ScenarioPage, ScenarioStatus, SuiteFile } from "./types";

/** One test case: a new one, or one that is stored. */
export function CasePage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const asked = new URLSearchParams(router.state.location.searchStr).get("playbook") ?? "";
  const stored = useQuery(scenarioQuery(id));
  const books = useBooks();
  const back = <IconButton label={t("common.back")} onClick={() => goTo("/evals/cases")}><ArrowLeft size={16} aria-hidden /></IconButton>;
  if (id !== "new" && stored.isError) return <Screen title={t("evals.case")} back={back}><Failed error={stored.error} retry={() => void stored.refetch()} /></Screen>;
  if ((id !== "new" && !stored.data) || books.length === 0) return <Screen title={t("evals.case")} back={back}><SkeletonRows /></Screen>;
  return <Editor key={id} stored={id === "new" ? undefined : stored.data} first={asked || books[0].name} back={back} />;
}

type Way = "chat" | "goal" | "yaml";

function Editor({ stored, first, back }: { stored?: ScenarioPage; first: string; back: React.ReactNode }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const books = useBooks();
  const can = may(me, "evals.run");
  const [saved, setSaved] = useState(stored);
  const [playbook, setPlaybook] = useState(stored?.playbook ?? first);
  const { book, error } = useBook(playbook);
  const [status, setStatus] = useState<ScenarioStatus>(stored?.status ?? "draft");
  const [file, setFile] = useState<SuiteFile>(() => (stored ? (fromYaml(stored.yaml) ?? stored.file ?? empty()) : empty()));
  const [yaml, setYaml] = useState<string | undefined>(() => (stored && !fromYaml(stored.yaml) ? stored.yaml : undefined));
  const [which, setWhich] = useState(0);
  const c = file.cases[Math.min(which, file.cases.length - 1)];
  const [way, setWay] = useState<Way>(yaml !== undefined ? "yaml" : c.customer ? "goal" : "chat");
  const wide = useMedia("(min-width: 1024px)");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problem[]>([]);
  const [conflict, setConflict] = useState(false);
  const touched = useRef(false);

  const put = (next: CaseFile) => {
    touched.current = true;
    setFile((f) => ({ ...f, cases: f.cases.map((x) => (x === c ? next : x)) }));
  };
  const whole = useMemo(() => withWorld(file, book), [file, book]);
  const body: SuiteText = yaml !== undefined ? { yaml } : { file: tidy(whole) };
  const ready = yaml !== undefined ? yaml.trim() !== "" : file.cases.every(complete);
  const played = usePlayed(playbook, body, ready && can);
  const here = played.result?.report && allCases(played.result.report).filter((x) => x.name === (c.name?.trim() || x.name));
  const result = here && here.length > 0 ? (here.find(failed) ?? here[0]) : undefined;

  const show = (w: Way) => {
    if (w === way) return;
    if (w === "yaml") setYaml(yaml ?? (saved && !touched.current ? saved.yaml : toYaml(whole)));
    else {
      if (yaml !== undefined) {
        const read = fromYaml(yaml);
        if (!read) return void toast(t("evals.yaml_unread"), { bad: true });
        setFile(read);
        setYaml(undefined);
        setWhich(0);
      }
      const now = yaml !== undefined ? fromYaml(yaml)?.cases[0] : c;
      if (w === "goal" && now && !now.customer) setFile((f) => ({ ...f, cases: f.cases.map((x, i) => (i === (yaml !== undefined ? 0 : which) ? { ...x, customer: { goal: { flow: book?.flows[0]?.name ?? "" } } } : x)) }));
      if (w === "chat" && now?.customer) setFile((f) => ({ ...f, cases: f.cases.map((x, i) => (i === (yaml !== undefined ? 0 : which) ? { ...x, customer: undefined } : x)) }));
    }
    setWay(w);
  };
  const save = async () => {
    if (!can || busy) return;
    setBusy(true);
    setConflict(false);
    try {
      const fields = { playbook, name: file.cases[0].name?.trim() || undefined, status, ...body };
      const s = saved ? await api.put<ScenarioPage>(`/api/evals/scenarios/${saved.id}`, { ...fields, version: saved.version }) : await api.post<ScenarioPage>("/api/evals/scenarios", fields);
      touched.current = false;
      client.setQueryData(scenarioQuery(s.id).queryKey, { ...s, notes: saved?.notes });
      void client.invalidateQueries({ queryKey: ["scenarios"] });
      setProblems([]);
      if (saved) setSaved({ ...s, notes: saved.notes });
      else goTo(`/evals/cases/${s.id}`);
      toast(t(status === "active" ? "evals.saved_active" : "evals.saved_draft"));
    } catch (err) {
      if (err instanceof ApiError && err.code === "bad_suite") setProblems(troublesOf(err));
      else if (err instanceof ApiError && err.status === 409) setConflict(true);
      else toast(text(err), { bad: true });
    } finally {
      setBusy(false);
    }
  };
  const run = async () => {
    try {
      goTo(`/evals/${(await startRun(playbook)).id}`);
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  useKeys({ "mod+s": () => void save() }, can);
  const wrong = problems.length ? problems : played.problems;
  const other = [...(c.tags ?? [])].filter((x) => x !== "may_fail" && x !== "must_pass");
  const outcome = <Outcome ready={ready} busy={played.busy} error={played.error} results={here} book={book} way={way} />;
  return (
    <Screen
      back={back}
      title={saved ? saved.name : t("evals.new_case")}
      sub={
        <span className="flex flex-wrap items-center gap-2">
          {saved && (saved.status === "active" ? <Badge meaning="live">{t("evals.active")}</Badge> : <Badge meaning="done">{t("evals.draft")}</Badge>)}
          {books.find((b) => b.name === playbook)?.title ?? playbook}
          {saved?.conversation_id && <span>· <FromConversation id={saved.conversation_id} /></span>}
        </span>
      }
      actions={
        can && (
          <>
            {saved?.status === "active" && <Button icon={<Play size={14} aria-hidden />} onClick={() => void run()}>{t("evals.run_all")}</Button>}
            <Button tone="primary" disabled={busy || !ready} keys={`${MOD} S`} onClick={() => void save()}>{t("common.save")}</Button>
          </>
        )
      }
    >
      <div className="flex min-h-full max-lg:flex-col">
        <div className="flex min-w-0 flex-1 flex-col p-4 md:p-6">
          {!wide && <div className="mb-4">{outcome}</div>}
          {saved?.conversation_id && <Draft notes={saved.notes ?? []} />}
          {conflict && <div className="mb-4"><Note meaning="breach">{t("evals.conflict")} <button type="button" className="font-medium underline" onClick={() => void client.resetQueries({ queryKey: ["scenario", saved?.id] })}>{t("evals.load_theirs")}</button></Note></div>}
          {error !== undefined && <div className="mb-4"><Note meaning="warning">{text(error)}</Note></div>}
          <div className="mb-4 flex flex-wrap items-center gap-3">
            <Tabs label={t("evals.way")} value={way} onChange={show} tabs={[{ value: "chat", label: t("evals.way_chat") }, { value: "goal", label: t("evals.way_goal") }, { value: "yaml", label: t("evals.way_yaml") }]} />
            {file.cases.length > 1 && way !== "yaml" && (
              <Select aria-label={t("evals.case")} className="!w-auto" value={which} onChange={(e) => setWhich(Number(e.target.value))}>
                {file.cases.map((x, i) => <option key={i} value={i}>{x.name || t("evals.turn_n", { n: i + 1 })}</option>)}
              </Select>
            )}
          </div>
          {wrong.length > 0 && (
            <ul aria-label={t("playbooks.problems")} className="mb-4 rounded-md bg-breach-soft px-3 py-2 text-breach">
              {wrong.map((p, i) => <li key={i}>{way === "yaml" ? t("evals.at_line", { line: p.line, message: p.message }) : p.message}</li>)}
            </ul>
          )}
          {way === "chat" && <ByChat key={which} playbook={playbook} book={book} value={c} onChange={put} played={result && result.playing.turns?.slice(c.open === false ? 0 : 1)} readOnly={!can} />}
          {way === "goal" && (
            <>
              <ByGoal book={book} value={c} onChange={put} readOnly={!can} />
              {result && <div className="mt-6"><h3 className="mb-2 text-xs font-medium text-text-2">{t("evals.one_playing")}</h3><Transcript c={result} book={book} /></div>}
            </>
          )}
          {way === "yaml" && <Code className="min-h-120 flex-1 rounded-md border border-line" language="yaml" label={t("evals.way_yaml")} value={yaml ?? ""} onChange={(s) => { touched.current = true; setProblems([]); setYaml(s); }} readOnly={!can} troubles={wrong} at={problems[0] && { line: problems[0].line, column: problems[0].column }} />}
        </div>
        <aside aria-label={t("evals.about_case")} className="w-80 shrink-0 space-y-4 border-line bg-bg p-4 max-lg:w-full max-lg:border-t lg:border-l">
          {wide && outcome}
          <fieldset disabled={!can} className="space-y-4">
            {way !== "yaml" && <Field label={t("evals.name")}>{(p) => <TextInput {...p} value={c.name ?? ""} maxLength={200} placeholder={t("evals.name_hint")} onChange={(e) => put({ ...c, name: e.target.value })} />}</Field>}
            {!saved && (
              <Field label={t("evals.playbook")}>
                {(p) => <Select {...p} value={playbook} onChange={(e) => setPlaybook(e.target.value)}>{books.map((b) => <option key={b.name} value={b.name}>{b.title}</option>)}</Select>}
              </Field>
            )}
            {way !== "yaml" && (
              <>
                <Field label={t("evals.lang")}>
                  {(p) => <Select {...p} value={c.lang ?? "en"} onChange={(e) => put({ ...c, lang: e.target.value as Lang })}>{(book?.langs ?? ["en", "zh"]).map((l) => <option key={l} value={l}>{l === "zh" ? "中文" : "English"}</option>)}</Select>}
                </Field>
                <fieldset className="space-y-1.5">
                  <legend className="mb-1 text-xs font-medium text-text-2">{t("evals.if_fails")}</legend>
                  {(["must_pass", "may_fail"] as const).map((tag) => (
                    <label key={tag} className="flex cursor-pointer items-start gap-2">
                      <input type="radio" name="tag" className="mt-[3px] accent-(--accent)" checked={(c.tags?.includes("may_fail") ?? false) === (tag === "may_fail")} onChange={() => put({ ...c, tags: tag === "may_fail" ? [tag, ...other] : other })} />
                      <span>{t(`evals.${tag}`)} <span className="block text-xs text-text-3">{t(`evals.${tag}_text`)}</span></span>
                    </label>
                  ))}
                </fieldset>
                <fieldset className="space-y-1.5">
                  <legend className="mb-1 text-xs font-medium text-text-2">{t("evals.played_as")}</legend>
                  {(["text", "taps", "keys", "audio"] as const).map((m) => <Check key={m} label={t(`evals.mode_text.${m}`)} checked={c.as?.includes(m) ?? false} onChange={(e) => put({ ...c, as: e.target.checked ? [...(c.as ?? []), m] : (c.as ?? []).filter((x) => x !== m) })} />)}
                  <p className="text-xs text-text-3">{t("evals.played_as_hint")}</p>
                </fieldset>
                <Field label={t("evals.tags")}>{(p) => <Chips id={p.id} values={other} onChange={(v) => put({ ...c, tags: c.tags?.includes("may_fail") ? ["may_fail", ...v] : v })} removeLabel={(v) => t("common.remove", { what: v })} />}</Field>
              </>
            )}
            <fieldset className="space-y-1.5 border-t border-line pt-4">
              <legend className="sr-only">{t("evals.state")}</legend>
              {(["draft", "active"] as const).map((s) => (
                <label key={s} className="flex cursor-pointer items-start gap-2">
                  <input type="radio" name="status" className="mt-[3px] accent-(--accent)" checked={status === s} onChange={() => setStatus(s)} />
                  <span>{t(`evals.${s}`)} <span className="block text-xs text-text-3">{t(`evals.${s}_text`)}</span></span>
                </label>
              ))}
            </fieldset>
          </fieldset>
        </aside>
      </div>
    </Screen>
  );
}

/** How it does now, in a word, and why. */
function Outcome({ ready, busy, error, results, book, way }: { ready: boolean; busy: boolean; error: unknown; results?: CaseResult[]; book?: Book; way: Way }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const bad = results?.filter(failed) ?? [];
  const skipped = results?.every((c) => c.skipped) && (results?.length ?? 0) > 0;
  const first = bad[0]?.playing.turns?.flatMap((x) => x.problems ?? []) ?? [];
  return (
    <div role="status" aria-live="polite" aria-busy={busy} className="rounded-lg border border-line bg-surface p-3">
      {!ready ? (
        <p className="text-text-3">{t(way === "goal" ? "evals.needs_goal" : "evals.needs_expect")}</p>
      ) : error !== undefined ? (
        <p className="text-breach">{text(error)}</p>
      ) : !results ? (
        <p className="text-text-3">{busy ? t("evals.playing") : t("evals.not_played")}</p>
      ) : skipped ? (
        <p className="text-text-2">{t("evals.skipped_why")}</p>
      ) : bad.length ? (
        <>
          <p className="flex items-center gap-1.5 font-semibold text-breach"><CircleAlert size={15} aria-hidden />{t("evals.fails_now")}</p>
          {bad[0].mode && <p className="text-xs text-text-3">{t("evals.played_mode", { mode: t(`evals.mode.${bad[0].mode}`) })}</p>}
          <div className="mt-2">{first.length > 0 ? <Troubles list={first} book={book} narrow /> : <p className="text-xs break-words text-breach">{bad[0].playing.error}</p>}</div>
        </>
      ) : (
        <p className="flex items-center gap-1.5 font-semibold text-live"><CircleCheck size={15} aria-hidden />{t("evals.passes_now")}</p>
      )}
    </div>
  );
}

/** What was done to a case that was made of a conversation, and what is still to do. */
function Draft({ notes }: { notes: string[] }) {
  const { t } = useTranslation();
  const tools = notes.filter((n) => n.startsWith("tool:")).map((n) => n.slice(5).replaceAll("_", " "));
  const others = (["secret", "file", "empty"] as const).filter((n) => notes.includes(n));
  return (
    <div className="mb-4 rounded-lg border border-line bg-bg p-3">
      <p className="flex items-center gap-1.5 font-medium"><ShieldCheck size={15} className="text-live" aria-hidden />{t("evals.private")}</p>
      <p className="mt-0.5 text-xs text-text-3">{t("evals.private_text")}</p>
      {(tools.length > 0 || others.length > 0) && (
        <ul className="mt-2 list-disc space-y-0.5 pl-5 text-xs text-warning">
          {tools.length > 0 && <li>{t("evals.note_tool", { what: tools.join(t("common.comma")) })}</li>}
          {others.map((n) => <li key={n}>{t(`evals.note_${n}`)}</li>)}
        </ul>
      )}
    </div>
  );
}

const empty = (): SuiteFile => ({ suite: "scenario", cases: [{ lang: currentLang(), turns: [] }] });

/** The file with the world it is played in: a clock, and answers for the tools that it has seen at work. */
function withWorld(f: SuiteFile, book: Book | undefined): SuiteFile {
  if (!book) return f;
  const wanted = Object.keys(book.tools).filter((tool) => !f.tools?.[tool]);
  const goal = f.cases.some((c) => c.customer);
  const turns = f.cases.flatMap((c) => c.turns ?? []);
  const calls = turns.some((s) => rowsOf(s.expect).length > 0) || goal;
  const tools = calls ? { ...f.tools, ...Object.fromEntries(wanted.map((tool) => [tool, book.tools[tool]])) } : f.tools;
  return { ...f, now: f.now ?? nowIn(book.zone, today), tools };
}

// One moment for as long as the page is open, so that a case is not another each second.
const today = new Date();

function troublesOf(err: ApiError): Problem[] {
  return ((err.body as { detail?: Problem[] } | undefined)?.detail ?? []) as Problem[];
}

/** Plays the case a moment after each change, and says how it did. */
function usePlayed(playbook: string, text: SuiteText, on: boolean): { result?: Played; busy: boolean; error?: unknown; problems: Problem[] } {
  const key = JSON.stringify([playbook, text]);
  const [state, setState] = useState<{ key: string; result?: Played; error?: unknown; problems: Problem[] }>({ key: "", problems: [] });
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!on) return;
    let live = true;
    setBusy(true);
    const timer = setTimeout(async () => {
      try {
        const result = await playScenario(playbook, text);
        if (live) setState({ key, result, problems: [] });
      } catch (err) {
        if (live) setState(err instanceof ApiError && err.code === "bad_suite" ? { key, problems: troublesOf(err) } : { key, error: err, problems: [] });
      } finally {
        if (live) setBusy(false);
      }
    }, 500);
    return () => {
      live = false;
      clearTimeout(timer);
    };
  }, [key, on]);
  return on ? { ...state, busy } : { busy: false, problems: [] };
}
