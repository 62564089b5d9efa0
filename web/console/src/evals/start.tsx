import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { goTo } from "../router";
import { Button } from "../ui/button";
import { Field, Select, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { startRun } from "./api";
import { useBooks } from "./book";

/** Asks what to run and how often, and leads to the run. */
export function Start({ playbook, onClose }: { playbook?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const books = useBooks();
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    setBusy(true);
    try {
      const run = await startRun(String(f.get("playbook")), Number(f.get("repeat")) || 1, Number(f.get("revision")) || 0);
      goTo(`/evals/${run.id}`);
      onClose();
    } catch (err) {
      setBusy(false);
      toast(text(err), { bad: true });
    }
  };
  return (
    <Dialog open onClose={onClose} title={t("evals.run")} description={t("evals.run_text")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <Field label={t("evals.playbook")}>
            {(p) => (
              <Select {...p} name="playbook" required autoFocus defaultValue={playbook}>
                {books.map((b) => <option key={b.name} value={b.name}>{b.title}</option>)}
              </Select>
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label={t("evals.repeat")} hint={t("evals.repeat_hint")}>{(p) => <TextInput {...p} name="repeat" type="number" min={1} max={100} defaultValue={1} />}</Field>
            <Field label={t("evals.revision")} hint={t("evals.revision_hint")}>{(p) => <TextInput {...p} name="revision" type="number" min={1} />}</Field>
          </div>
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={busy || books.length === 0}>{t("evals.go")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
