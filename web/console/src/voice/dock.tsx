import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { Mic, MicOff, Pause, Phone, PhoneOff, Play } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { conversationQuery } from "../api/queries";
import { ALT, useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { goTo } from "../router";
import { Button, IconButton } from "../ui/button";
import { toast } from "../ui/toast";
import { barKeys, Standing, Supervise, toggleCamera } from "./call-bar";
import { useWho } from "../inbox/who";
import { callerOf } from "./number";
import { Caller } from "./caller";
import { can, overhears } from "./calls";
import { calls, catchUpCalls, useCommand, useOwnCall, useVoice } from "./desk";
import { ring } from "./audio";
import { phonePrefs } from "./prefs";
import { keepPhone, phoneView, softphone } from "./phone";

/** Keeps the phone of this tab, its microphone and the call keys going on every screen. */
export function CallDesk() {
  const { t } = useTranslation();
  const me = useMe();
  const voice = useVoice();
  const own = useOwnCall();
  const run = useCommand();
  const on = voice !== undefined && may(me, "voice.call");
  const here = on && voice.where === "browser";
  useEffect(() => (here ? keepPhone() : undefined), [here]);
  useEffect(() => {
    if (on) void catchUpCalls(me.id);
  }, [on, me.id]);
  const talking = own !== undefined && !(own.party.state === "ringing" && own.party.role !== "agent");
  useEffect(() => void softphone.call(here && talking), [here, talking]);

  // Who calls again while the conversation is mine comes straight through: that is heard, and shown unless something else is open.
  const path = useLocation({ select: (l) => l.pathname });
  const straight = own && own.party.role === "agent" && own.call.direction === "in" && own.call.state === "talking" ? own.call.call_id : undefined;
  const known = useRef<string>(undefined);
  useEffect(() => {
    if (!straight || known.current === straight) return;
    known.current = straight;
    if (!own || path === `/inbox/${own.conversation}`) return;
    if (here) ring(phonePrefs.get().ring, 1);
    if (path === "/inbox") goTo(`/inbox/${own.conversation}`);
  }, [straight]);

  const call = own?.call;
  const m = call && can(call, me.id);
  const go = (verb: Parameters<typeof run>[2]["verb"]) => own && void run(own.conversation, own.call.call_id, { verb });
  const toCall = () => own && goTo(`/inbox/${own.conversation}`);
  useKeys(
    {
      "alt+m": () => (m?.mute ? go(own?.party.muted ? "unmute" : "mute") : false),
      "alt+h": () => (m?.hold ? go(call?.held ? "resume" : "hold") : false),
      "alt+r": () => (m?.record ? go(call?.recording === "on" ? "pause" : "record") : false),
      "alt+x": () => (own && overhears(own.party) ? go("unlisten") : m?.out ? void run((own as NonNullable<typeof own>).conversation, (own as NonNullable<typeof own>).call.call_id, { verb: m.out, leg: own?.party.leg }) : m?.hangup ? go("hangup") : false),
      "alt+k": () => (barKeys.keypad ? barKeys.keypad() : false),
      "alt+t": () => (barKeys.reach ? barKeys.reach() : false),
      "alt+c": () => (own ? toCall() : false),
      "alt+v": () => (m?.mute && phoneView.get().state === "ready" ? void toggleCamera((p) => toast(t(`phone.camera.${p}`), { bad: true })) : false),
    },
    on,
  );
  return null;
}

/** The call goes on while another screen is open: a line at the top leads back. */
export function CallDock() {
  const { t } = useTranslation();
  const me = useMe();
  const own = useOwnCall();
  const run = useCommand();
  const path = useLocation({ select: (l) => l.pathname });
  const all = useStore(calls);
  const who = useWho();
  const opened = useQuery({ ...conversationQuery(own?.conversation ?? ""), enabled: own !== undefined }).data;
  if (!own || path === `/inbox/${own.conversation}` || !all[own.conversation]) return null;
  const { call, conversation, party } = own;
  if (party.state === "ringing" && party.role !== "agent") return null; // it has a card of its own
  const m = can(call, me.id);
  const go = (verb: "mute" | "unmute" | "hold" | "resume" | "hangup") => void run(conversation, call.call_id, { verb });
  const silent = overhears(party);
  return (
    <section data-testid="call-dock" aria-label={t("call.label")} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-1.5 max-md:px-2">
      <Standing call={call} small />
      <button type="button" onClick={() => goTo(`/inbox/${conversation}`)} className="min-w-0 flex-1 truncate text-left font-medium tabular-nums hover:underline" title={`${t("call.back")} (${ALT} C)`}>
        {silent && <span className="mr-2 font-normal text-text-2">{t(`call.role.${party.role as "listener"}`)}</span>}
        {(opened && opened.contact.name) || (callerOf(call.number) === "browser" && opened ? who(opened.contact, opened.conversation) : <Caller number={call.number} />)}
        {opened?.contact.name && <span className="ml-2 font-normal text-text-3 max-md:hidden"><Caller number={call.number} /></span>}
      </button>
      {silent ? (
        <Supervise conversation={conversation} call={call} party={party} small />
      ) : (
        <span className="flex items-center gap-1">
          {m.mute && <IconButton small label={`${t(party.muted ? "call.unmute" : "call.mute")} (${ALT} M)`} aria-pressed={Boolean(party.muted)} onClick={() => go(party.muted ? "unmute" : "mute")}>{party.muted ? <MicOff size={14} aria-hidden /> : <Mic size={14} aria-hidden />}</IconButton>}
          {m.mute && <IconButton small label={`${t(call.held ? "call.resume" : "call.hold")} (${ALT} H)`} aria-pressed={Boolean(call.held)} disabled={!m.hold} onClick={() => go(call.held ? "resume" : "hold")}>{call.held ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}</IconButton>}
          <Button small icon={<Phone size={13} aria-hidden />} onClick={() => goTo(`/inbox/${conversation}`)}><span className="max-md:sr-only">{t("call.back")}</span></Button>
          {m.out && <Button small onClick={() => void run(conversation, call.call_id, { verb: m.out ?? "cancel", leg: party.leg })}>{t("call.leave")}</Button>}
          {m.hangup && <Button small tone="danger" className="bg-breach-soft" icon={<PhoneOff size={13} aria-hidden />} onClick={() => go("hangup")}><span className="max-md:sr-only">{t("call.hangup")}</span></Button>}
        </span>
      )}
    </section>
  );
}
