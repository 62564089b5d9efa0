import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { OnHold, Queue } from "../api/types";
import { textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { Button } from "../ui/button";
import { box, Check, Field, Select, TextInput } from "../ui/field";
import { promptsQuery } from "./api";
import type { Disposition } from "./types";

export interface Waiting {
  hold: OnHold;
  dispositions: Disposition[];
}

export function waitingOf(q: Queue): Waiting {
  return { hold: q.on_hold ?? {}, dispositions: q.dispositions ?? [] };
}

/** What the server takes: empty fields are left out, results without a title are none. */
export function toSave(w: Waiting): { on_hold: OnHold; dispositions: Disposition[] } {
  const { announce, prompts, every, music, callback, voicemail, picture, video } = w.hold;
  const words = typeof announce === "string" ? { "": announce } : announce;
  const said = Object.fromEntries(Object.entries(words ?? {}).filter(([, v]) => v?.trim()));
  const played = Object.fromEntries(Object.entries(prompts ?? {}).filter(([, v]) => v));
  return {
    on_hold: {
      ...(Object.keys(said).length ? { announce: said } : {}),
      ...(Object.keys(played).length ? { prompts: played } : {}),
      ...(every ? { every } : {}),
      ...(music ? { music } : {}),
      ...(callback ? { callback } : {}),
      ...(voicemail ? { voicemail } : {}),
      ...(picture?.trim() ? { picture: picture.trim() } : {}),
      ...(video?.trim() ? { video: video.trim() } : {}),
    },
    dispositions: keyed(w.dispositions.filter((d) => anyTitle(d))),
  };
}

function keyed(list: Disposition[]): Disposition[] {
  const taken = list.map((d) => d.key).filter(Boolean);
  return list.map((d) => {
    const key = d.key || keyFor(textIn(d.title, "en"), taken);
    if (!d.key) taken.push(key);
    return { key, title: titleOf(d) };
  });
}

const anyTitle = (d: Disposition) => (typeof d.title === "string" ? d.title : Object.values(d.title).find((v) => v?.trim()) ?? "").trim();
const titleOf = (d: Disposition) => (typeof d.title === "string" ? d.title : Object.fromEntries(Object.entries(d.title).filter(([, v]) => v?.trim())));

/** A key for a title, that none of the others has. */
export function keyFor(title: string, taken: string[]): string {
  const base = title.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "result";
  let key = base;
  for (let n = 2; taken.includes(key); n++) key = `${base}_${n}`;
  return key;
}

/** What somebody hears and sees who waits in the queue, and what a call in it may come to. */
export function OnHoldFields({ value, onChange }: { value: Waiting; onChange: (w: Waiting) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const prompts = useQuery({ ...promptsQuery, enabled: may(me, "voice.write"), retry: false }).data ?? [];
  const names = [...new Set(prompts.map((p) => p.name))].sort();
  const h = value.hold;
  const set = (c: Partial<OnHold>) => onChange({ ...value, hold: { ...h, ...c } });
  const words = typeof h.announce === "string" ? { en: h.announce, zh: h.announce } : (h.announce ?? {});
  const promptOptions = (chosen: string | undefined) => [...new Set([...names, ...(chosen ? [chosen] : [])])].map((n) => <option key={n} value={n}>{n}</option>);
  return (
    <div className="space-y-3">
      <div className="grid gap-3 sm:grid-cols-2">
        {(["en", "zh"] as const).map((l) => (
          <div key={l} className="space-y-1.5" lang={l === "zh" ? "zh-CN" : "en"}>
            <Field label={t("hold.announce", { lang: l === "zh" ? "中文" : "English" })}>{(p) => <textarea {...p} rows={3} maxLength={500} className={`${box} py-1.5`} value={words[l] ?? ""} onChange={(e) => set({ announce: { ...words, [l]: e.target.value } })} />}</Field>
            {(names.length > 0 || h.prompts?.[l]) && (
              <Select aria-label={t("hold.prompt", { lang: l === "zh" ? "中文" : "English" })} value={h.prompts?.[l] ?? ""} onChange={(e) => set({ prompts: { ...h.prompts, [l]: e.target.value } })}>
                <option value="">{t("hold.spoken")}</option>
                {promptOptions(h.prompts?.[l])}
              </Select>
            )}
          </div>
        ))}
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("hold.every")} hint={t("hold.every_hint")}>{(p) => <TextInput {...p} type="number" min={5} max={600} placeholder="30" value={h.every || ""} onChange={(e) => set({ every: Number(e.target.value) || 0 })} />}</Field>
        <Field label={t("hold.music")} hint={t("hold.music_hint")}>
          {(p) => (
            <Select {...p} value={h.music ?? ""} onChange={(e) => set({ music: e.target.value })}>
              <option value="">{t("hold.built_in")}</option>
              {promptOptions(h.music)}
            </Select>
          )}
        </Field>
      </div>
      <Check label={t("hold.callback")} checked={h.callback ?? false} onChange={(e) => set({ callback: e.target.checked })} />
      <Check label={t("hold.voicemail")} checked={h.voicemail ?? false} onChange={(e) => set({ voicemail: e.target.checked })} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("hold.picture")} hint={t("hold.address_hint")}>{(p) => <TextInput {...p} value={h.picture ?? ""} maxLength={1000} placeholder="https://" onChange={(e) => set({ picture: e.target.value })} />}</Field>
        <Field label={t("hold.video")}>{(p) => <TextInput {...p} value={h.video ?? ""} maxLength={1000} placeholder="https://" onChange={(e) => set({ video: e.target.value })} />}</Field>
      </div>
      <Dispositions list={value.dispositions} onChange={(dispositions) => onChange({ ...value, dispositions })} />
    </div>
  );
}

function Dispositions({ list, onChange }: { list: Disposition[]; onChange: (d: Disposition[]) => void }) {
  const { t } = useTranslation();
  const title = (d: Disposition, l: "en" | "zh") => (typeof d.title === "string" ? d.title : (d.title[l] ?? d.title[""] ?? ""));
  const set = (i: number, l: "en" | "zh", v: string) => onChange(list.map((d, j) => (j === i ? { ...d, title: { en: title(d, "en"), zh: title(d, "zh"), [l]: v } } : d)));
  return (
    <fieldset className="border-t border-line pt-3">
      <legend className="sr-only">{t("hold.dispositions")}</legend>
      <p className="text-xs font-medium text-text-2">{t("hold.dispositions")}</p>
      <p className="mb-1.5 text-xs text-text-3">{t("hold.dispositions_text")}</p>
      <ul className="space-y-1.5">
        {list.map((d, i) => (
          <li key={i} className="flex items-center gap-1.5">
            <TextInput lang="en" aria-label={t("hold.disposition_n", { n: i + 1, lang: "English" })} placeholder="English" maxLength={100} value={title(d, "en")} onChange={(e) => set(i, "en", e.target.value)} />
            <TextInput lang="zh-CN" aria-label={t("hold.disposition_n", { n: i + 1, lang: "中文" })} placeholder="中文" maxLength={100} value={title(d, "zh")} onChange={(e) => set(i, "zh", e.target.value)} />
            <button type="button" aria-label={t("common.remove", { what: title(d, "en") || String(i + 1) })} className="rounded-md p-1.5 text-text-3 hover:bg-sunken hover:text-text" onClick={() => onChange(list.filter((_, j) => j !== i))}><X size={14} aria-hidden /></button>
          </li>
        ))}
      </ul>
      <Button small tone="quiet" className="mt-1.5" icon={<Plus size={13} aria-hidden />} disabled={list.length >= 50} onClick={() => onChange([...list, { key: "", title: { en: "", zh: "" } }])}>{t("hold.add_disposition")}</Button>
    </fieldset>
  );
}
