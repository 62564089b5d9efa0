import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Check, NotebookText, PhoneOff } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { queuesQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { laterClose } from "../conversation/close-later";
import { type WrapUpOffer, wrapUpQuery } from "../conversation/beside";
import { saidSoFar } from "../conversation/summary";
import { currentLang, textIn } from "../i18n";
import { MOD } from "../lib/keys";
import { useStore } from "../lib/store";
import { percent } from "../lib/time";
import { Button } from "../ui/button";
import { Field, TextArea, TextInput } from "../ui/field";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { CallAgain } from "./call-button";
import { mmss } from "./clock";
import { calls, useVoice, wrapped } from "./desk";
import type { PastCall } from "./ended";
import { unanswered, wrapUpOf } from "./ended";
import { causeText } from "./words";
import type { Disposition } from "./types";

/** The codes that a conversation of this queue may end with. */
export function useDispositions(queue: string | undefined): Disposition[] {
  const voice = useVoice();
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  const own = queues?.find((q) => q.name === queue)?.dispositions;
  return own ?? (queue ? [] : (voice?.dispositions ?? []));
}

/** The call of the conversation that is to be written up by me now. */
export function useWrapUp(opened: Opened | undefined, me: string): PastCall | undefined {
  const news = useStore(calls)[opened?.conversation.id ?? ""];
  const aside = useStore(wrapped);
  const call = opened && wrapUpOf(opened, news, me);
  // A call that was not answered is seen to first.
  const trying = news !== undefined && unanswered(news) && !aside[news.call_id];
  return call && !aside[call.id] && !trying ? call : undefined;
}

/** What is offered for the end of a conversation: a note of it, and how it seems to have ended. */
export function useWrapUpOffer(opened: Opened): WrapUpOffer | undefined {
  return useQuery(wrapUpQuery(opened.conversation.id, currentLang(), saidSoFar(opened))).data;
}

/** Beside a code: that, and why, it is proposed. */
export function Proposed({ of }: { of: NonNullable<WrapUpOffer["disposition"]> }) {
  const { t } = useTranslation();
  return <span title={of.sure ? t("assist.proposed_why", { p: percent(of.confidence) }) : t("assist.proposed_name")} className="rounded-sm bg-surface px-1 text-2xs font-normal text-accent-text">{t("assist.proposed")}</span>;
}

/** A note for colleagues; the summary is one click away. */
export function ClosingNote({ value, onChange, offer }: { value: string; onChange: (v: string) => void; offer?: WrapUpOffer }) {
  const { t } = useTranslation();
  return (
    <Field label={t("assist.note")} hint={t("assist.note_hint")}>
      {(p) => (
        <>
          <TextArea {...p} rows={2} className="field-sizing-content max-h-48" value={value} maxLength={2000} placeholder={t("wrap.note_hint")} onChange={(e) => onChange(e.target.value)} />
          {offer?.note && !value && <Button small className="mt-1" icon={<NotebookText size={12} aria-hidden />} onClick={() => onChange(offer.note)}>{t("assist.use_summary")}</Button>}
        </>
      )}
    </Field>
  );
}

/** More than this many codes are searched, not looked through. */
const FEW = 9;

/** After the call: how it ended, a note, done. */
export function WrapUp({ opened, call, after }: { opened: Opened; call: PastCall; after: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const c = opened.conversation;
  const codes = useDispositions(c.queue);
  const [code, setCode] = useState("");
  const [q, setQ] = useState("");
  const [note, setNote] = useState("");
  const offer = useWrapUpOffer(opened);
  const proposed = offer?.disposition;
  const chose = useRef(false);
  const choose = (key: string) => {
    chose.current = true;
    setCode(key);
  };
  useEffect(() => {
    if (proposed?.sure && !chose.current) setCode(proposed.key);
  }, [proposed]);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const low = q.trim().toLowerCase();
  const shown = codes.filter((d) => !low || `${d.key} ${textIn(d.title)}`.toLowerCase().includes(low));
  const missing = codes.length > 0 && !code;
  const aside = () => wrapped.set((w) => ({ ...w, [call.id]: true }));
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy || missing) return;
    setBusy(true);
    try {
      if (note.trim()) await api.post(`/api/conversations/${c.id}/reply`, { client_id: `wrap-${call.id}`, text: note.trim(), private: true });
    } catch (err) {
      setBusy(false);
      toast(text(err), { bad: true });
      return;
    }
    aside();
    laterClose(c.id, code, text, t("done.closed"), () => wrapped.set((w) => Object.fromEntries(Object.entries(w).filter(([id]) => id !== call.id))));
    after();
  };
  useEffect(() => {
    // Digits choose while nothing is typed.
    const hear = (e: KeyboardEvent) => {
      if (e.metaKey || e.ctrlKey || e.altKey || e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement || document.querySelector('[role="dialog"]')) return;
      const d = shown[Number(e.key) - 1];
      if (d && /^[1-9]$/.test(e.key)) choose(d.key);
      else if (e.key === "0" && proposed) choose(proposed.key);
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  });
  return (
    <form
      ref={form}
      data-testid="wrap-up"
      aria-label={t("wrap.title")}
      onSubmit={(e) => void submit(e)}
      onKeyDown={(e) => {
        if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) {
          e.preventDefault();
          form.current?.requestSubmit();
        }
      }}
      className="max-h-[46vh] shrink-0 space-y-2.5 overflow-y-auto border-b border-line bg-surface px-4 py-3 max-md:px-3"
    >
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <PhoneOff size={15} className="text-text-3" aria-hidden />
        <span className="font-semibold">{t("wrap.title")}</span>
        <span className="text-text-3 tabular-nums">{[call.seconds !== undefined && mmss(call.seconds * 1000), causeText(t, call.cause)].filter(Boolean).join(" · ")}</span>
      </p>
      {codes.length > 0 && (
        <fieldset>
          <legend className="mb-1 flex w-full items-center gap-2 text-xs font-medium text-text-2">{t("wrap.codes")}</legend>
          {codes.length > FEW && <TextInput className="mb-1.5 max-w-80" type="search" value={q} onChange={(e) => setQ(e.target.value)} placeholder={t("wrap.search")} aria-label={t("wrap.search")} onKeyDown={(e) => { if (e.key === "Enter" && shown[0]) { e.preventDefault(); choose(shown[0].key); } }} />}
          <div className="flex flex-wrap gap-1.5">
            {shown.map((d, i) => (
              <label key={d.key} className={clsx("inline-flex h-8 cursor-pointer items-center gap-1.5 rounded-md border px-2.5 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent-text", code === d.key ? "border-accent bg-accent-soft font-medium text-accent-text" : "border-line hover:border-line-strong hover:bg-hover")}>
                <input type="radio" name="disposition" className="sr-only" checked={code === d.key} onChange={() => choose(d.key)} />
                {code === d.key && <Check size={13} aria-hidden />}
                {textIn(d.title) || d.key}
                {proposed?.key === d.key && <Proposed of={proposed} />}
                {i < FEW && <span className="text-2xs text-text-3 max-md:hidden" aria-hidden>{proposed?.key === d.key ? 0 : i + 1}</span>}
              </label>
            ))}
            {shown.length === 0 && <p className="text-text-3">{t("wrap.no_code", { q })}</p>}
          </div>
        </fieldset>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-52 flex-1"><ClosingNote value={note} onChange={setNote} offer={offer} /></div>
        <span className="ml-auto flex items-center gap-2">
        <CallAgain opened={opened} />
        <Button tone="quiet" onClick={aside}>{t("wrap.later")}</Button>
        <Button tone="primary" type="submit" keys={missing ? undefined : `${MOD} ⏎`} disabled={missing || busy} title={missing ? t("wrap.required") : undefined}>{t("wrap.done")}</Button>
        </span>
      </div>
    </form>
  );
}
