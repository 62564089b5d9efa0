import { Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { client } from "../../api/queries";
import { bytes, number } from "../../lib/time";
import { When } from "../../ui/bits";
import { Button } from "../../ui/button";
import { Note, useErrorText } from "../../ui/state";
import { toast } from "../../ui/toast";
import { type Run, sourceQuery } from "./api";
import { useTroubleText } from "./kinds";

/** How far a run has come; a bar without an end while nobody knows how much there is. */
export function Bar({ done, total, label }: { done: number; total: number; label: string }) {
  const known = total > 0;
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={known ? total : undefined} aria-valuenow={known ? done : undefined} className="h-1.5 overflow-hidden rounded-full bg-sunken">
      <div className={known ? "h-full rounded-full bg-accent transition-[width] duration-300" : "skeleton h-full w-1/3 !bg-accent"} style={known ? { width: `${Math.min(100, (done / total) * 100)}%` } : undefined} />
    </div>
  );
}

/** A run that is going on. It can be left: it goes on by itself. */
export function Progress({ run, canStop }: { run: Run; canStop: boolean }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [asked, setAsked] = useState(false);
  const stop = async () => {
    setAsked(true);
    try {
      const r = await api.post<Run>(`/api/sources/${run.source_id}/stop`);
      client.setQueryData(sourceQuery(run.source_id).queryKey, (s) => s && { ...s, last_run: r });
    } catch (err) {
      toast(text(err), { bad: true });
      setAsked(false);
    }
  };
  const phase = t(`sources.phase.${run.phase || "reading"}`);
  return (
    <div className="border-b border-line bg-bg px-4 py-3 md:px-6" role="status">
      <div className="mb-2 flex items-center gap-3">
        <span className="font-medium">{phase}</span>
        <span className="text-text-3 tabular-nums">
          {run.total > 0 ? t("sources.done_of", { done: number(run.done), total: number(run.total) }) : null}
          {run.bytes > 0 && run.phase === "reading" && ` · ${bytes(run.bytes)}`}
        </span>
        <span className="flex-1" />
        <span className="text-xs text-text-3 max-md:hidden">{t("sources.leave")}</span>
        {canStop && <Button small icon={<Square size={11} aria-hidden />} disabled={asked} onClick={() => void stop()}>{t("sources.stop")}</Button>}
      </div>
      <Bar done={run.done} total={run.total} label={phase} />
    </div>
  );
}

/** How a run ended, in a line or two. */
export function Outcome({ run }: { run: Run }) {
  const { t } = useTranslation();
  const trouble = useTroubleText();
  const [open, setOpen] = useState(false);
  const count = run.problems.length;
  const s = run.saved;
  const f = run.found;
  return (
    <div className="space-y-2 border-b border-line px-4 py-3 md:px-6">
      {run.status === "failed" ? (
        <Note meaning="breach">
          <p className="font-medium">{t("sources.failed")}</p>
          <p>{run.problems.length ? trouble(run.problems[0]) : run.error}</p>
          <p className="mt-1">{t("sources.nothing_lost")}</p>
        </Note>
      ) : run.status === "stopped" ? (
        <Note meaning="warning">{t("sources.stopped")}</Note>
      ) : (
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">
            {run.mode === "sync"
              ? s.added + s.updated + s.kept + s.unpublished
                ? [s.added && t("sources.sum.added", { count: s.added }), s.updated && t("sources.sum.updated", { count: s.updated }), s.kept && t("sources.sum.kept", { count: s.kept }), s.unpublished && t("sources.sum.unpublished", { count: s.unpublished })].filter(Boolean).join(t("common.comma"))
                : t("sources.sum.nothing")
              : f.new + f.changed + f.conflicts + f.gone
                ? t("sources.sum.preview")
                : t("sources.sum.same")}
          </span>
          <span className="text-text-3">
            {run.by === "schedule" ? t("sources.by_schedule") : run.by} · <When at={run.finished_at ?? run.started_at} />
          </span>
        </p>
      )}
      {run.partial && run.status === "done" && <Note meaning="warning">{t("sources.partial")}</Note>}
      {count > 0 && (
        <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
          <summary className="w-fit text-warning">{t("sources.problems", { count })}</summary>
          <ul className="mt-2 max-h-48 space-y-1 overflow-y-auto rounded-md border border-line p-2" tabIndex={0} aria-label={t("sources.problems", { count })}>
            {run.problems.map((p, i) => (
              <li key={i} className="flex flex-wrap gap-x-2">
                {p.key && <span className="font-mono text-xs break-all text-text-2">{p.key}</span>}
                <span>{trouble(p)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
