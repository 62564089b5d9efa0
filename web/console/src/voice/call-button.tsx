import { Phone, PhoneCall, PhoneForwarded } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { dayAndTime, instant, useNow } from "../lib/time";
import { refreshInbox } from "../rt/sync";
import { When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Field, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot, Menu, MenuItem, MenuLabel, MenuLine } from "../ui/overlay";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { upNow } from "./calls";
import { useStore } from "../lib/store";
import { calls, useDial, useVoice } from "./desk";
import { numberOf, numbersOf, readable } from "./number";
import { PhoneDialog, useReadiness } from "./phone-status";
import { causeText } from "./words";

/** May I call the customer of this conversation now? What is in the way is said instead of being hidden. */
export function useCanCall(opened: Opened): "yes" | "not_mine" | "on_call" | undefined {
  const me = useMe();
  const voice = useVoice();
  const news = useStore(calls)[opened.conversation.id];
  const c = opened.conversation;
  if (!voice || !may(me, "voice.call") || c.status === "closed") return undefined;
  if (c.on_call || upNow(news)) return "on_call";
  return c.agent_id === me.id && (c.status === "assigned" || c.status === "parked") ? "yes" : "not_mine";
}

/** Calls a number when the phone is ready; else opens what makes it so. */
function useCall(opened: Opened): { call: (to?: string) => void; busy: boolean; dialog: React.ReactNode } {
  const ready = useReadiness();
  const dial = useDial();
  const [setup, setSetup] = useState(false);
  const [busy, setBusy] = useState(false);
  const call = (to?: string) => {
    if (ready !== "ready") return setSetup(true);
    setBusy(true);
    void dial(opened.conversation.id, to).finally(() => setBusy(false));
  };
  return { call, busy, dialog: setup ? <PhoneDialog open onClose={() => setSetup(false)} /> : null };
}

/** In the conversation's header: call him, at which of his numbers. */
export function CallButton({ opened }: { opened: Opened }) {
  const { t } = useTranslation();
  const allowed = useCanCall(opened);
  const { call, busy, dialog } = useCall(opened);
  const [other, setOther] = useState(false);
  const numbers = numbersOf(opened.contact, opened.conversation);
  useKeys({ c: () => (allowed === "yes" ? (numbers.length === 1 ? call(numbers[0]) : setOther(true)) : false) });
  if (allowed !== "yes") return null;
  return (
    <>
      <Menu trigger={<IconButton label={`${t("dial.call")} (C)`} disabled={busy} data-testid="call-customer"><Phone size={16} aria-hidden /></IconButton>}>
        {numbers.length > 0 && <MenuLabel>{t("dial.call")}</MenuLabel>}
        {numbers.map((n) => <MenuItem key={n} icon={<PhoneCall size={14} aria-hidden />} onSelect={() => call(n)}><span className="tabular-nums">{readable(n)}</span></MenuItem>)}
        {numbers.length > 0 && <MenuLine />}
        <MenuItem icon={<PhoneForwarded size={14} aria-hidden />} onSelect={() => setOther(true)}>{t("dial.other")}</MenuItem>
      </Menu>
      {dialog}
      {other && <Other numbers={numbers} onClose={() => setOther(false)} onCall={(n) => { setOther(false); call(n); }} />}
    </>
  );
}

function Other({ numbers, onClose, onCall }: { numbers: string[]; onClose: () => void; onCall: (n: string) => void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(numbers[0] ? readable(numbers[0]) : "");
  const number = numberOf(value);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (number) onCall(number);
  };
  return (
    <Dialog open onClose={onClose} title={t("dial.title")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <Field label={t("dial.number")} hint={t("dial.number_hint")}>{(p) => <TextInput {...p} autoFocus type="text" inputMode="tel" value={value} onChange={(e) => setValue(e.target.value)} onFocus={(e) => e.currentTarget.select()} />}</Field>
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" icon={<Phone size={14} aria-hidden />} disabled={!number}>{t("dial.call")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

/** The contact's number, which calls when it can. */
export function NumberLink({ opened, number }: { opened: Opened; number: string }) {
  const { t } = useTranslation();
  const allowed = useCanCall(opened);
  const { call, busy, dialog } = useCall(opened);
  const plain = numberOf(number);
  if (allowed !== "yes" || !plain) return <span className="tabular-nums">{readable(number)}</span>;
  return (
    <>
      <button type="button" disabled={busy} onClick={() => call(plain)} title={t("dial.call")} className="truncate tabular-nums hover:underline">{readable(plain)}</button>
      {dialog}
    </>
  );
}

/** After a call that broke off: once more. */
export function CallAgain({ opened }: { opened: Opened }) {
  const { t } = useTranslation();
  const { call, busy, dialog } = useCall(opened);
  // Who called from a browser has no telephone that we know of.
  if (numbersOf(opened.contact, opened.conversation).length === 0) return null;
  return (
    <>
      <Button icon={<Phone size={14} aria-hidden />} disabled={busy} onClick={() => call()}>{t("dial.again")}</Button>
      {dialog}
    </>
  );
}

/** A promise to call: whom, when, how often it was tried, and a way to do it now. */
export function CallbackCard({ opened }: { opened: Opened }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const now = useNow();
  const c = opened.conversation;
  const promise = c.callback;
  const allowed = useCanCall(opened);
  const { call, busy, dialog } = useCall(opened);
  const [taking, setTaking] = useState(false);
  if (!promise || c.status === "closed" || c.on_call) return null;
  const at = instant(promise.at);
  const due = !at || at <= now;
  const take = async () => {
    setTaking(true);
    try {
      await api.post(`/api/conversations/${c.id}/take`);
      await client.invalidateQueries({ queryKey: conversationQuery(c.id).queryKey });
      refreshInbox();
      call(promise.phone);
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setTaking(false);
    }
  };
  const takeable = allowed === "not_mine" && (c.status === "waiting" || c.status === "automated") && may(me, "conversations.write");
  return (
    <section data-testid="callback" aria-label={t("callback.title")} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-waiting-soft px-4 py-2 max-md:px-3">
      <PhoneForwarded size={16} className="shrink-0 text-waiting" aria-hidden />
      <p className="min-w-0 flex-1">
        <span className="font-medium">{t("callback.title")}</span>{" "}
        <span className="whitespace-nowrap tabular-nums">{readable(promise.phone)}</span>
        <span className="block text-xs text-text-2">
          {due ? t("callback.due") : <>{t("callback.at")} <When at={promise.at} long={dayAndTime} /></>}
          {promise.tries ? <> · {t("callback.tries", { count: promise.tries })}{promise.result && t("callback.last", { result: causeText(t, promise.result) })}</> : null}
        </span>
      </p>
      {allowed === "yes" && <Button small tone="primary" icon={<Phone size={13} aria-hidden />} disabled={busy} onClick={() => call(promise.phone)}>{t("callback.now")}</Button>}
      {takeable && <Button small tone="primary" icon={<Phone size={13} aria-hidden />} disabled={taking} onClick={() => void take()}>{t("callback.take")}</Button>}
      {dialog}
    </section>
  );
}
