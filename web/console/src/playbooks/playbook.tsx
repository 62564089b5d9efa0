import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, CircleAlert, CircleCheck, Play, TriangleAlert, Upload } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import type { PlaybookPage as PageOf, Problem } from "../api/types";
import { textIn } from "../i18n";
import { useMedia } from "../lib/media";
import { may, useMe } from "../lib/session";
import { kept, useStore } from "../lib/store";
import { goTo } from "../router";
import { Screen, Tabs } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Code } from "../ui/code";
import { Badge, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { type Files, filesQuery, playbookQuery, playbooksQuery } from "./api";
import { PictureView } from "./picture";
import { Publish } from "./publish";
import { Revisions } from "./revisions";
import { Tree } from "./tree";
import { TryBot } from "./try";

export function PlaybookPage() {
  const { t } = useTranslation();
  const { name } = useParams({ strict: false }) as { name: string };
  const page = useQuery(playbookQuery(name));
  const paths = page.data?.files.map((f) => f.path) ?? [];
  // The screen stays while the files of a new revision are fetched.
  const files = useQuery({ ...filesQuery(name, page.data?.live_revision ?? 0, paths), placeholderData: (was, query) => (query?.queryKey[1] === name ? was : undefined) });
  const back = <IconButton label={t("common.back")} onClick={() => goTo("/playbooks")}><ArrowLeft size={16} aria-hidden /></IconButton>;
  if (page.isError || files.isError)
    return <Screen title={name} back={back}><Failed error={page.error ?? files.error} retry={() => void (page.isError ? page.refetch() : files.refetch())} /></Screen>;
  if (!page.data || !files.data) return <Screen title={name} back={back}><SkeletonRows rows={8} /></Screen>;
  return <Book key={name} page={page.data} files={files.data} back={back} />;
}

/** Edits that are not published, by playbook; they stay in this browser. */
const edits = kept<Record<string, Files>>("playbooks", {});

const drop = (name: string) => edits.set((now) => Object.fromEntries(Object.entries(now).filter(([k]) => k !== name)));

type View = "picture" | "files" | "revisions" | "try";

function Book({ page, files: live, back }: { page: PageOf; files: Files; back: React.ReactNode }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const name = page.name;
  const all = useStore(edits)[name];
  const changed = useMemo(() => Object.fromEntries(Object.entries(all ?? {}).filter(([p, s]) => live[p] !== s)), [all, live]);
  const files = useMemo(() => ({ ...live, ...changed }), [live, changed]);
  const [problems, setProblems] = useState<Problem[]>([]);
  const [warnings, setWarnings] = useState<Problem[]>([]);
  const [checked, setChecked] = useState<"ok" | "bad">();
  const [view, setView] = useState<View>("picture");
  const [open, setOpen] = useState<string>(() => Object.keys(live).find((p) => p.startsWith("menus/")) ?? Object.keys(live)[0]);
  const [at, setAt] = useState<{ line: number; column?: number }>();
  const [publish, setPublish] = useState(false);
  const [trying, setTrying] = useState(false);
  const wide = useMedia("(min-width: 1024px)");
  const title = useQuery(playbooksQuery).data?.find((p) => p.name === name)?.title;
  const editable = may(me, "playbooks.publish") || may(me, "playbooks.check");
  const count = Object.keys(changed).length;

  const put = (path: string, s: string) => edits.set((now) => ({ ...now, [name]: { ...now[name], [path]: s } }));
  const discard = () => {
    const was = edits.get()[name];
    drop(name);
    setProblems([]);
    setWarnings([]);
    setChecked(undefined);
    toast(t("playbooks.discarded"), { undo: () => edits.set((now) => ({ ...now, [name]: was })) });
  };
  const check = async (quiet = false) => {
    try {
      const r = await api.post<{ ok: boolean; problems: Problem[]; warnings?: Problem[] }>(`/api/playbooks/${name}/check`, { files: changed });
      setProblems(r.problems);
      setWarnings(r.warnings ?? []);
      setChecked(r.ok ? "ok" : "bad");
      if (!quiet) toast(r.ok ? t("playbooks.check_ok") : t("playbooks.check_bad", { count: r.problems.length }), { bad: !r.ok });
    } catch (err) {
      if (!quiet) toast(text(err), { bad: true });
    }
  };
  // The check follows the typing, a moment behind.
  const first = useRef(true);
  useEffect(() => {
    if (first.current && count === 0) {
      first.current = false;
      return;
    }
    first.current = false;
    if (!may(me, "playbooks.check") && !may(me, "playbooks.publish")) return;
    const timer = setTimeout(() => void check(true), 700);
    return () => clearTimeout(timer);
  }, [changed]);
  const rollback = async (n: number) => {
    const was = page.live_revision;
    const go = async (revision: number) => {
      await api.post(`/api/playbooks/${name}/rollback`, { revision });
      await client.invalidateQueries({ queryKey: ["playbook", name] });
      void client.invalidateQueries({ queryKey: ["playbooks"] });
    };
    try {
      await go(n);
      toast(t("playbooks.rolled_back", { n }), { undo: () => void go(was).catch((err: unknown) => toast(text(err), { bad: true })) });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const show = (file: string, line?: number, column?: number) => {
    setOpen(file);
    setView("files");
    setAt(line ? { line, column } : undefined);
  };
  const here = useMemo(() => [...problems, ...warnings.map((w) => ({ ...w, warning: true }))].filter((p) => p.file === open), [problems, warnings, open]);
  return (
    <Screen
      back={back}
      title={textIn(title) || name}
      sub={
        <span className="flex flex-wrap items-center gap-2">
          <Badge meaning="live">{t("playbooks.revision", { n: page.live_revision })}</Badge>
          {count > 0 && <span className="text-warning">{t("playbooks.edited", { count })}</span>}
          {count > 0 && <button type="button" className="underline underline-offset-2" onClick={discard}>{t("playbooks.discard")}</button>}
          {checked === "ok" && problems.length + warnings.length === 0 && <span className="flex items-center gap-1 text-live"><CircleCheck size={12} aria-hidden />{t("playbooks.check_ok")}</span>}
        </span>
      }
      actions={
        <>
          <Button icon={<Play size={14} aria-hidden />} aria-pressed={trying} onClick={() => setTrying(!trying)} className="max-lg:hidden">{t("try.title")}</Button>
          {editable && <Button onClick={() => void check()}>{t("playbooks.check")}</Button>}
          {may(me, "playbooks.publish") && <Button tone="primary" icon={<Upload size={14} aria-hidden />} disabled={count === 0 || problems.length > 0} onClick={() => setPublish(true)}>{t("knowledge.publish")}</Button>}
        </>
      }
    >
      <div className="flex h-full flex-col">
        <div className="border-b border-line px-4 py-2 md:px-6">
          <Tabs
            label={t("playbooks.views")}
            value={view}
            onChange={setView}
            className="overflow-x-auto"
            tabs={[{ value: "picture", label: t("playbooks.picture") }, { value: "files", label: t("playbooks.files") }, { value: "revisions", label: t("playbooks.revisions") }, ...(wide ? [] : [{ value: "try" as const, label: t("try.title") }])]}
          />
        </div>
        {problems.length + warnings.length > 0 && (
          <ul aria-label={t("playbooks.problems")} className={`max-h-36 overflow-y-auto border-b border-line px-4 py-1.5 md:px-6 ${problems.length ? "bg-breach-soft" : "bg-warning-soft"}`}>
            {[...problems, ...warnings].map((p, i) => (
              <li key={i}>
                <button type="button" onClick={() => show(p.file, p.line, p.column)} className={`flex w-full items-start gap-2 rounded-sm py-0.5 text-left hover:underline ${i < problems.length ? "text-breach" : "text-warning"}`}>
                  {i < problems.length ? <CircleAlert size={13} className="mt-[3px] shrink-0" aria-label={t("playbooks.problem")} role="img" /> : <TriangleAlert size={13} className="mt-[3px] shrink-0" aria-label={t("playbooks.warning")} role="img" />}
                  <span className="shrink-0 font-mono text-xs">{p.file}:{p.line}:{p.column}</span>
                  <span>{p.message}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        <div className="flex min-h-0 flex-1">
          <div className="min-h-0 min-w-0 flex-1 overflow-auto">
            {view === "picture" && <PictureView files={files} problems={problems} onOpen={show} />}
            {view === "files" && (
              <div className="flex h-full max-md:flex-col">
                <div className="w-60 shrink-0 overflow-y-auto border-r border-line max-md:max-h-44 max-md:w-full max-md:border-r-0 max-md:border-b">
                  <Tree paths={Object.keys(files)} open={open} changed={new Set(Object.keys(changed))} problems={problems} onOpen={(p) => show(p)} />
                </div>
                <div className="flex min-h-0 min-w-0 flex-1 flex-col">
                  <p className="border-b border-line px-4 py-1.5 font-mono text-xs text-text-3">{open}</p>
                  <Code key={open} className="min-h-0 flex-1" language={open.endsWith(".md") ? "markdown" : "yaml"} label={open} value={files[open] ?? ""} onChange={(s) => put(open, s)} readOnly={!editable} troubles={here} at={at} />
                </div>
              </div>
            )}
            {view === "try" && !wide && <TryBot name={name} files={changed} />}
            {view === "revisions" && <Revisions page={page} onRollback={(n) => void rollback(n)} />}
          </div>
          {trying && wide && <aside className="w-88 shrink-0 border-l border-line bg-surface"><TryBot name={name} files={changed} /></aside>}
        </div>
      </div>
      {publish && (
        <Publish
          name={name}
          changed={changed}
          onClose={() => setPublish(false)}
          onProblems={setProblems}
          onDone={() => {
            drop(name);
            void client.invalidateQueries({ queryKey: ["playbook", name] });
            void client.invalidateQueries({ queryKey: ["playbooks"] });
          }}
        />
      )}
    </Screen>
  );
}
