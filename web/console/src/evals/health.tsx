import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, DoorClosed, DoorOpen, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { number, percent } from "../lib/time";
import { When } from "../ui/bits";
import { Button } from "../ui/button";
import { Spark } from "../ui/chart";
import { Badge, Failed, Skeleton } from "../ui/state";
import { compareQuery, historyQuery, runQuery, schedulesQuery } from "./api";
import { type Named, useBook } from "./book";
import { Changes, hasChanges } from "./changes";
import { Progress } from "./list";
import { rate, running } from "./report";
import type { Reason, Run } from "./types";
import { suiteName, whyLine } from "./words";

/** One playbook's health: the number, its way here, whether it may be published and why not, what comes next. */
export function Health({ book: { name, title }, onRun }: { book: Named; onRun?: () => void }) {
  const { t } = useTranslation();
  const history = useQuery(historyQuery(name));
  const next = useQuery(schedulesQuery).data?.filter((s) => s.playbook === name && s.active).sort((a, b) => (a.next ?? "").localeCompare(b.next ?? ""))[0];
  const all = history.data ?? [];
  const now = all.find(running);
  const done = all.filter((r) => r.status === "done" && rate(r) !== undefined);
  const last = done[0];
  const share = last && rate(last);
  const before = done[1] && rate(done[1]);
  const trend = done.slice(0, 20).toReversed().map((r) => rate(r) ?? 0);
  const low = Math.max(0, Math.min(...trend, 1) - 0.1);
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <header className="flex items-center gap-3 border-b border-line px-4 py-3">
        <h2 className="min-w-0 flex-1 truncate text-base font-semibold">{title}</h2>
        {onRun && <Button small icon={<Play size={12} aria-hidden />} aria-label={t("evals.run_book", { name: title })} disabled={now !== undefined} onClick={onRun}>{t("evals.go")}</Button>}
      </header>
      {now && <Link to="/evals/$id" params={{ id: now.id }} className="block border-b border-line bg-bg px-4 py-2.5 hover:bg-hover"><Progress run={now} wide /></Link>}
      {history.isPending ? (
        <div className="space-y-3 p-4"><Skeleton className="h-8 w-24" /><Skeleton className="h-4 w-2/3" /></div>
      ) : history.isError ? (
        <Failed error={history.error} retry={() => void history.refetch()} />
      ) : !last || share === undefined ? (
        <p className="px-4 py-8 text-center text-text-3">{t("evals.never_run")}</p>
      ) : (
        <>
          <div className="flex flex-wrap items-end gap-x-8 gap-y-3 px-4 pt-4 pb-3">
            <div>
              <p className="text-2xl font-semibold tabular-nums">{percent(share, 1)}</p>
              <p className="text-xs text-text-3">
                {t("evals.of_cases", { passed: number(last.passed), cases: number(last.passed + last.failed) })}
                {before !== undefined && before !== share && <span className={share < before ? "text-breach" : "text-live"}> · {t(share > before ? "evals.up" : "evals.down", { n: percent(Math.abs(share - before), 1) })}</span>}
              </p>
            </div>
            {trend.length > 1 && <Spark values={trend} min={low} bad={!last.gate_ok} label={t("evals.trend", { count: trend.length, from: percent(trend[0], 1), to: percent(trend.at(-1) ?? 0, 1) })} />}
            <span className="flex-1" />
            <div className="flex flex-wrap gap-1.5">
              {last.flaky > 0 && <Badge meaning="warning">{t("evals.flaky_n", { n: last.flaky })}</Badge>}
              {last.skipped > 0 && <Badge meaning="done">{t("evals.skipped_n", { n: last.skipped })}</Badge>}
              {last.gate_ok ? <Badge meaning="live" icon={DoorOpen}>{t("evals.gate_open")}</Badge> : <Badge meaning="breach" icon={DoorClosed}>{t("evals.gate_shut")}</Badge>}
            </div>
          </div>
          {(last.failed > 0 || !last.gate_ok) && <Reasons run={last} />}
          <Against run={last} />
          <footer className="mt-auto flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 text-xs text-text-3">
            <Link to="/evals/$id" params={{ id: last.id }} className="font-medium text-accent-text hover:underline">{t("evals.last_run")}</Link>
            <span>{t("playbooks.revision", { n: last.revision })} · <When at={last.finished_at ?? last.at} /></span>
            <span className="flex-1" />
            <Link to="/evals/schedules" className="flex items-center gap-1 hover:text-text"><CalendarClock size={13} aria-hidden />{next ? <>{t("evals.next_run")} <When at={next.next} /> {next.at}</> : t("evals.not_scheduled")}</Link>
          </footer>
        </>
      )}
    </section>
  );
}

const SHOWN = 4;

/** Why publishing is refused, in words. */
function Reasons({ run }: { run: Run }) {
  const { t } = useTranslation();
  const gate = useQuery({ ...runQuery(run.id), staleTime: 60_000 }).data?.gate;
  const { book } = useBook(run.playbook);
  if (!gate) return <div className="px-4 pb-3"><Skeleton className="h-4 w-3/4" /></div>;
  return (
    <ul className="space-y-1 px-4 pb-3" aria-label={t(gate.ok ? "evals.gate_noted" : "evals.gate_why")}>
      {gate.reasons.slice(0, SHOWN).map((r) => (
        <li key={`${r.suite}${r.name}${r.mode ?? ""}`} className="text-xs">
          <span className={r.allowed ? "font-medium text-text-2" : "font-medium text-breach"}><ReasonName r={r} /></span>{" "}
          <span className="text-text-3">{whyLine(book, r.why)}{r.allowed && ` · ${t("evals.may_fail_note")}`}</span>
        </li>
      ))}
      {gate.reasons.length > SHOWN && <li className="text-xs"><Link to="/evals/$id" params={{ id: run.id }} className="text-accent-text hover:underline">{t("evals.and_more", { count: gate.reasons.length - SHOWN })}</Link></li>}
    </ul>
  );
}

function ReasonName({ r }: { r: Reason }) {
  const { t } = useTranslation();
  if (r.kind === "retrieval") return t("evals.set_of", { lang: r.name === "zh" ? "中文" : "English" });
  return `${suiteName(r.suite)} · ${r.name}${r.mode ? ` (${t(`evals.mode.${r.mode}`)})` : ""}`;
}

/** What this run does better and worse than the live version did before. */
function Against({ run }: { run: Run }) {
  const { t } = useTranslation();
  const c = useQuery({ ...compareQuery(run.id), retry: false }).data;
  const { book } = useBook(run.playbook);
  if (!c || !hasChanges(c)) return c ? <p className="px-4 pb-3 text-xs text-text-3">{t("evals.same_as_live", { count: c.same })}</p> : null;
  return <div className="px-4 pb-3"><Changes c={c} book={book} short /></div>;
}
