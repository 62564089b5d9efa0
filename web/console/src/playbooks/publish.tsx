import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import type { Problem } from "../api/types";
import { ReportView } from "../evals/report-view";
import { readReport } from "../evals/report";
import type { Report } from "../evals/types";
import { Button } from "../ui/button";
import { Field, TextInput } from "../ui/field";
import { Dialog, DialogFoot } from "../ui/overlay";
import { Note, useErrorText } from "../ui/state";
import type { Files } from "./api";

/** Publishing runs the suites first; what fails is shown, and is only overruled with a reason. */
export function Publish({ name, changed, onClose, onDone, onProblems }: { name: string; changed: Files; onClose: () => void; onDone: (revision: number) => void; onProblems: (p: Problem[]) => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [count] = useState(Object.keys(changed).length);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [report, setReport] = useState<Report>();
  const [refused, setRefused] = useState(false);
  const [done, setDone] = useState<number>();
  const [missed, setMissed] = useState<string>();
  const go = async (force: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const r = await api.post<{ revision: number; report?: unknown; outcome?: { learnt?: { missed?: string } } }>(`/api/playbooks/${name}/publish`, { files: Object.keys(changed).length ? changed : undefined, note: note.trim() || undefined, force: force || undefined }, { limit: 300_000 });
      setReport(readReport(r.report));
      setRefused(false);
      setMissed(r.outcome?.learnt?.missed);
      setDone(r.revision);
      onDone(r.revision);
    } catch (err) {
      const detail = err instanceof ApiError ? (err.body as { detail?: unknown } | undefined)?.detail : undefined;
      if (err instanceof ApiError && err.code === "tests_failed") {
        setReport(readReport(detail));
        setRefused(true);
        return;
      }
      if (Array.isArray(detail)) onProblems(detail as Problem[]);
      setError(err);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} wide title={t("publish.title")} description={t("publish.text", { count })}>
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
        {done !== undefined ? (
          <Note meaning="live">{t("publish.done", { n: done })}</Note>
        ) : (
          <>
            {refused && <Note meaning="breach">{t("publish.refused")}</Note>}
            <Field label={t("publish.note")} hint={refused ? t("publish.note_force") : t("publish.note_hint")}>{(p) => <TextInput {...p} value={note} maxLength={300} autoFocus onChange={(e) => setNote(e.target.value)} />}</Field>
          </>
        )}
        {missed && <Note meaning="warning">{t("publish.without_vectors", { model: missed })}</Note>}
        {error !== undefined && <Note meaning="breach">{text(error)}</Note>}
        {busy && <p role="status" className="flex items-center gap-2 text-text-2"><LoaderCircle size={14} className="animate-spin" aria-hidden />{t("publish.running")}</p>}
        {report && <ReportView report={report} />}
      </div>
      <DialogFoot>
        <Button onClick={onClose}>{done === undefined ? t("common.cancel") : t("common.close")}</Button>
        {done === undefined && refused && <Button tone="danger" disabled={busy || !note.trim()} onClick={() => void go(true)}>{t("publish.force")}</Button>}
        {done === undefined && <Button tone="primary" disabled={busy} onClick={() => void go(false)}>{refused ? t("publish.again") : t("publish.go")}</Button>}
      </DialogFoot>
    </Dialog>
  );
}
