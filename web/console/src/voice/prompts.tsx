import { useQuery } from "@tanstack/react-query";
import { AudioLines, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client } from "../api/queries";
import { bytes } from "../lib/time";
import { When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Field, Select, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Empty, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { promptsQuery } from "./api";
import { Clip } from "./clip";
import { useRemoval } from "./later";
import type { Prompt } from "./types";

const key = (p: Prompt) => `${p.name}/${p.lang}`;
const nameOf = (file: string) => file.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9_-]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 64);

/** What callers hear that was recorded, not spoken by a machine: greetings, announcements, music. */
export function Prompts() {
  const { t } = useTranslation();
  const list = useQuery(promptsQuery);
  const [add, setAdd] = useState(false);
  const { gone, remove } = useRemoval();
  const names = [...new Set((list.data ?? []).map((p) => p.name))].filter((n) => !gone(n)).sort();
  return (
    <div className="mx-auto max-w-220 p-4 md:p-6">
      <div className="mb-3 flex items-center gap-3">
        <p className="min-w-0 flex-1 text-text-3">{t("prompts.text")}</p>
        <Button icon={<Plus size={14} aria-hidden />} onClick={() => setAdd(true)}>{t("prompts.add")}</Button>
      </div>
      {list.isPending ? (
        <SkeletonRows rows={4} />
      ) : list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : names.length === 0 ? (
        <Empty icon={<AudioLines size={18} aria-hidden />} title={t("prompts.empty")} action={<Button tone="primary" onClick={() => setAdd(true)}>{t("prompts.add")}</Button>}>{t("prompts.empty_text")}</Empty>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {names.map((name) => (
            <li key={name} className="px-4 py-3">
              <p className="mb-1 flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate font-mono text-xs font-medium">{name}</span>
                <IconButton small label={t("prompts.remove", { name })} onClick={() => remove(name, t("prompts.removed", { name }), () => api.del(`/api/voice/prompts/${encodeURIComponent(name)}`).then(() => client.invalidateQueries({ queryKey: promptsQuery.queryKey })))}><Trash2 size={13} aria-hidden /></IconButton>
              </p>
              {list.data.filter((p) => p.name === name).map((p) => (
                <div key={key(p)} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-1">
                  <span className="w-20 text-xs text-text-2">{p.lang ? (p.lang === "zh" ? "中文" : "English") : t("prompts.any_lang")}</span>
                  <Clip url={`/api/voice/prompts/${encodeURIComponent(name)}/audio?lang=${p.lang}`} name={name} />
                  <span className="text-xs text-text-3">{p.size ? bytes(p.size) : ""} <When at={p.at} /></span>
                </div>
              ))}
            </li>
          ))}
        </ul>
      )}
      {add && <Add onClose={() => setAdd(false)} />}
    </div>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await api.form("/api/voice/prompts", new FormData(e.currentTarget));
      void client.invalidateQueries({ queryKey: promptsQuery.queryKey });
      toast(t("done.saved"));
      onClose();
    } catch (err) {
      setBusy(false);
      setError(err);
    }
  };
  const field = error instanceof ApiError ? error.field?.split(".").pop() : undefined;
  return (
    <Dialog open onClose={onClose} title={t("prompts.add")} description={t("prompts.add_text")}>
      <form className="contents" onSubmit={(e) => void submit(e)}>
        <DialogBody>
          <Field label={t("prompts.file")} hint={t("prompts.file_hint")} error={field === "file" ? text(error) : undefined}>
            {(p) => <input {...p} type="file" name="file" accept="audio/wav,audio/x-wav,.wav" required className="block w-full text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line file:bg-surface file:px-3 file:text-sm file:font-medium file:text-text" onChange={(e) => { const f = e.target.files?.[0]; if (f && name.current && !name.current.value) name.current.value = nameOf(f.name); }} />}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label={t("prompts.name")} hint={t("queues.name_hint")} error={field === "name" ? text(error) : undefined}>{(p) => <TextInput {...p} ref={name} name="name" required pattern="[a-z0-9][a-z0-9_\-]*" maxLength={64} />}</Field>
            <Field label={t("knowledge.lang")}>
              {(p) => (
                <Select {...p} name="lang" defaultValue="">
                  <option value="">{t("prompts.any_lang")}</option>
                  <option value="en">English</option>
                  <option value="zh">中文</option>
                </Select>
              )}
            </Field>
          </div>
          {error !== undefined && field !== "file" && field !== "name" && <Note meaning="breach">{text(error)}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={busy}>{t(busy ? "prompts.uploading" : "prompts.upload")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
