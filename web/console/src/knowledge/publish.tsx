import { useQuery } from "@tanstack/react-query";
import { CalendarClock, Upload } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import type { Article, ArticleContent } from "../api/types";
import { dayAndTime } from "../lib/time";
import { Button } from "../ui/button";
import { Check, Field, TextArea, TextInput } from "../ui/field";
import { Dialog, DialogFoot } from "../ui/overlay";
import { Note, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { Impact, impactQuery } from "./impact";
import { broken, shut } from "./impact-api";
import { plansQuery } from "./review";

/** The moment before an article goes live: what that changes, now or at a set time. */
export function Publish({ article, form, save, onPublish, onClose, approving }: {
  article: Article;
  form: ArticleContent;
  /** Saves what is not saved; the article, or undefined when that failed. */
  save: () => Promise<Article | undefined>;
  /** anyway: although sets of questions fail that have to pass. */
  onPublish: (note: string, anyway: boolean) => Promise<void>;
  onClose: () => void;
  /** It ends a review: a word to the writer is possible. */
  approving: boolean;
}) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [later, setLater] = useState(false);
  const [at, setAt] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string>();
  const impact = useQuery(impactQuery(article.id, form));
  const bad = impact.data ? broken(impact.data) : 0;
  const [anyway, setAnyway] = useState(false);
  const gates = impact.data ? shut(impact.data).length : 0;
  const plan = async () => {
    const now = await save();
    if (!now) return onClose();
    await api.post(`/api/articles/${now.id}/plans`, { action: "publish", at: new Date(at).toISOString(), version: now.version });
    void client.invalidateQueries({ queryKey: plansQuery(now.id).queryKey });
    toast(t("publishing.planned", { at: dayAndTime(new Date(at).toISOString()) }));
    onClose();
  };
  const go = async () => {
    setBusy(true);
    setFailed(undefined);
    try {
      await (later ? plan() : onPublish(note.trim(), anyway));
    } catch (err) {
      setFailed(text(err));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open wide onClose={onClose} title={t("publishing.title", { title: form.title })} description={t("publishing.text")}>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4" tabIndex={0}>
        <Impact id={article.id} content={form} />
      </div>
      <div className="space-y-3 border-t border-line px-4 py-3 empty:hidden">
        {approving && <Field label={t("review.word")}>{(p) => <TextArea {...p} rows={2} value={note} maxLength={4000} onChange={(e) => setNote(e.target.value)} />}</Field>}
        {later && <Field label={t("publishing.at")} hint={t("publishing.zone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}>{(p) => <TextInput {...p} type="datetime-local" className="!w-60" value={at} onChange={(e) => setAt(e.target.value)} />}</Field>}
        {gates > 0 && (later ? <Note meaning="warning">{t("publishing.gate_later", { count: gates })}</Note> : <Check label={t("publishing.gate", { count: gates })} checked={anyway} onChange={(e) => setAnyway(e.target.checked)} />)}
        {failed && <Note meaning="breach">{failed}</Note>}
      </div>
      <DialogFoot>
        {!approving && <Button icon={<CalendarClock size={14} aria-hidden />} aria-pressed={later} className="mr-auto aria-pressed:bg-accent-soft aria-pressed:text-accent-text" onClick={() => setLater(!later)}>{t("publishing.later")}</Button>}
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button tone="primary" autoFocus icon={<Upload size={14} aria-hidden />} disabled={busy || (later ? !at : gates > 0 && !anyway)} onClick={() => void go()}>
          {later ? t("publishing.plan") : bad ? t("publishing.anyway") : approving ? t("review.approve") : t("publishing.now")}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
