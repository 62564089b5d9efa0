import { type FormEvent, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import type { Lang } from "../api/types";
import { textIn } from "../i18n";
import { Markdown } from "../lib/markdown";
import { may, useMe } from "../lib/session";
import { playbooksQuery } from "../playbooks/api";
import { Tabs } from "../ui/bits";
import { Button } from "../ui/button";
import { Chips, Field, Select, TextArea, TextInput } from "../ui/field";
import { Dialog, DialogFoot } from "../ui/overlay";
import { Note, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { byLang, pretend, type Reply, written } from "./canned-text";
import { Worth } from "./worth";

const variables = ["contact.name", "agent.name", "conversation.number"] as const;
const names: Record<Lang, string> = { en: "English", zh: "中文" };

/** One canned reply in both languages, and how a customer would get it. */
export function CannedEditor({ reply, playbook, lang, readOnly, onClose, onSaved, onDelete }: { reply?: Reply; playbook: string; lang: Lang; readOnly: boolean; onClose: () => void; onSaved: () => void; onDelete?: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const me = useMe();
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const [key, setKey] = useState(reply?.key ?? "");
  const [own, setOwn] = useState(reply?.playbook ?? playbook);
  const [title, setTitle] = useState(byLang(reply?.title ?? {}));
  const [text, setText] = useState(byLang(reply?.text ?? {}));
  const [questions, setQuestions] = useState(reply?.questions ?? {});
  const [version, setVersion] = useState(reply?.version ?? 0);
  const all = text[""] !== undefined || title[""] !== undefined;
  const [at, setAt] = useState<Lang | "">(all ? "" : lang);
  const [failed, setFailed] = useState<string>();
  const [stale, setStale] = useState<Reply>();
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const ready = key.trim() !== "" && Object.keys(written(title)).length > 0 && Object.keys(written(text)).length > 0;

  const insert = (name: string) => {
    const el = area.current;
    const now = text[at] ?? "";
    const from = el?.selectionStart ?? now.length;
    const to = el?.selectionEnd ?? now.length;
    const put = `{{${name}}}`;
    setText({ ...text, [at]: now.slice(0, from) + put + now.slice(to) });
    requestAnimationFrame(() => { el?.focus(); el?.setSelectionRange(from + put.length, from + put.length); });
  };
  const save = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setFailed(undefined);
    const fields = { key, title: written(title), text: written(text), questions: Object.fromEntries(Object.entries(questions).filter(([, l]) => l.length)) };
    try {
      if (reply) await api.put(`/api/canned/${reply.id}`, { ...fields, version });
      else await api.post("/api/canned", { ...fields, playbook: own || undefined });
      toast(t("done.saved"));
      onSaved();
    } catch (err) {
      const theirs = err instanceof ApiError && err.status === 409 ? (err.body as { detail?: Reply }).detail : undefined;
      if (theirs?.version) setStale(theirs);
      else setFailed(errorText(err));
      setBusy(false);
    }
  };
  const tabs = [...(all ? [{ value: "" as const, label: t("canned.all_langs") }] : []), { value: "en" as const, label: names.en }, { value: "zh" as const, label: names.zh }];
  const known = { "contact.name": at === "zh" ? "李薇" : "Li Wei", "agent.name": me.name, "conversation.number": "7F3A91C2" };
  return (
    <Dialog open side onClose={onClose} title={reply ? textIn(reply.title) : t("canned.new")}>
      <form className="flex min-h-0 flex-1 flex-col" onSubmit={(e) => void save(e)}>
        <div className="grid min-h-0 flex-1 overflow-y-auto md:grid-cols-2 md:overflow-hidden">
          <fieldset disabled={readOnly} className="min-w-0 space-y-4 p-4 md:overflow-y-auto">
            <div className="grid gap-3 sm:grid-cols-2">
              <Field label={t("canned.key")} hint={t("canned.key_text", { key: key || "thanks" })}>{(p) => <TextInput {...p} value={key} maxLength={64} onChange={(e) => setKey(e.target.value.toLowerCase().replace(/[^a-z0-9_-]+/g, "-"))} className="font-mono" />}</Field>
              <Field label={t("sources.playbook")}>
                {(p) => (
                  <Select {...p} value={own} disabled={reply !== undefined} onChange={(e) => setOwn(e.target.value)}>
                    <option value="">{t("sources.everybody")}</option>
                    {own && !books.data?.some((b) => b.name === own) && <option value={own}>{own}</option>}
                    {books.data?.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
                  </Select>
                )}
              </Field>
            </div>
            <Tabs label={t("knowledge.lang")} value={at} onChange={setAt} tabs={tabs} />
            <Field label={t("canned.title")}>{(p) => <TextInput {...p} value={title[at] ?? ""} maxLength={200} onChange={(e) => setTitle({ ...title, [at]: e.target.value })} />}</Field>
            <Field label={t("canned.text")}>{(p) => <TextArea {...p} ref={area} rows={8} value={text[at] ?? ""} maxLength={5000} onChange={(e) => setText({ ...text, [at]: e.target.value })} />}</Field>
            <div className="flex flex-wrap items-center gap-1.5">
              <span className="text-xs text-text-3">{t("canned.insert")}</span>
              {variables.map((v) => <button key={v} type="button" onClick={() => insert(v)} className="h-6 rounded-sm bg-sunken px-2 text-xs text-text-2 hover:text-text">{t(`canned.variable.${v.replace(".", "_") as "contact_name"}`)}</button>)}
            </div>
            {at !== "" && <Field label={t("canned.questions")} hint={t("canned.questions_text")}>{(p) => <Chips key={at} id={p.id} values={questions[at] ?? []} onChange={(l) => setQuestions({ ...questions, [at]: l })} removeLabel={(what) => t("common.remove", { what })} />}</Field>}
            {failed && <Note meaning="breach">{failed}</Note>}
            {stale && (
              <Note meaning="warning">
                <p>{t("canned.stale", { who: stale.updated_by })}</p>
                <p className="mt-1 rounded-sm bg-surface p-2 whitespace-pre-wrap text-text">{textIn(stale.text, at || lang)}</p>
                <span className="mt-2 flex gap-2">
                  <Button small onClick={() => { setTitle(byLang(stale.title)); setText(byLang(stale.text)); setQuestions(stale.questions ?? {}); setVersion(stale.version); setStale(undefined); }}>{t("conflict.take_theirs")}</Button>
                  <Button small onClick={() => { setVersion(stale.version); setStale(undefined); }}>{t("canned.go_on")}</Button>
                </span>
              </Note>
            )}
          </fieldset>
          <div className="min-w-0 space-y-4 border-l border-line bg-bg p-4 max-md:border-t max-md:border-l-0 md:overflow-y-auto">
            <div>
              <p className="mb-2 text-xs font-semibold text-text-2">{t("canned.preview")}</p>
              <div className="rounded-xl rounded-br-sm border border-line bg-surface px-4 py-3 text-lg leading-6" lang={at === "zh" ? "zh-CN" : "en"}>
                {(text[at] ?? "").trim() ? <Markdown text={pretend(text[at] ?? "", known)} /> : <p className="text-sm text-text-3">{t("canned.preview_empty")}</p>}
              </div>
              <p className="mt-2 text-xs text-text-3">{t("canned.preview_text")}</p>
            </div>
            {reply && may(me, "ledger.read") && <Worth canned={reply.id} />}
          </div>
        </div>
        <DialogFoot>
          {onDelete && <Button tone="danger" icon={<Trash2 size={14} aria-hidden />} className="mr-auto" onClick={onDelete}>{t("common.delete")}</Button>}
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          {!readOnly && <Button type="submit" tone="primary" disabled={!ready || busy || stale !== undefined}>{t("common.save")}</Button>}
        </DialogFoot>
      </form>
    </Dialog>
  );
}
