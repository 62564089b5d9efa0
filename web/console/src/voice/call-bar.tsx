import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ArrowRightLeft, Circle, Ear, Grid3x3, Headphones, LogOut, Megaphone, MessageCircleMore, Mic, MicOff, Pause, Phone, PhoneOff, Play, Speech, UserMinus, Video, VideoOff } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ALT } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { full, useNow } from "../lib/time";
import { agentsQuery, client, conversationQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { Button, IconButton } from "../ui/button";
import { Popover } from "../ui/overlay";
import { toast } from "../ui/toast";
import { callNews } from "./api";
import { type Can, can, consulted, others, overhears, partyOf, upNow } from "./calls";
import { callTime, mmss } from "./clock";
import { CallAgain } from "./call-button";
import { calls, takeNews, useCommand, wrapped } from "./desk";
import { unanswered } from "./ended";
import { causeText } from "./words";
import { Hears } from "./hears";
import { Keypad } from "./keypad";
import { refusal } from "./machine";
import { Caller } from "./caller";
import { callerOf, readable } from "./number";
import { phoneView, softphone } from "./phone";
import { Trouble } from "./phone-setup";
import { Reach } from "./reach";
import type { CallNews, Party } from "./types";
import { callLook, tones } from "./look";
import { VideoStage } from "./video";

/** The call of a conversation, if one is up: how it stands, and everything that can be done with it. */
export function CallBar({ opened }: { opened: Opened }) {
  const me = useMe();
  const c = opened.conversation;
  const news = useStore(calls)[c.id];
  const known = news?.call_id === c.on_call;
  useQuery({
    queryKey: ["voice", "call", c.on_call],
    enabled: Boolean(c.on_call) && !known && may(me, "voice.call"),
    queryFn: async () => {
      const n = await callNews(c.on_call as string);
      takeNews(c.id, n);
      return n;
    },
    retry: 1,
  });
  const aside = useStore(wrapped);
  if (news?.state === "ended" && unanswered(news) && !aside[news.call_id]) return <Result opened={opened} call={news} />;
  if (!upNow(news)) return null;
  return <Bar opened={opened} call={news} />;
}

function Bar({ opened, call }: { opened: Opened; call: CallNews }) {
  const { t } = useTranslation();
  const me = useMe();
  const c = opened.conversation;
  const run = useCommand();
  const phone = useStore(phoneView);
  const [reach, setReach] = useState(false);
  const [keys, setKeys] = useState(false);
  const party = partyOf(call, me.id);
  const inIt = party !== undefined && !overhears(party);
  const may_ = can(call, me.id);
  const go = (verb: Parameters<typeof run>[2]["verb"], extra: object = {}) => run(c.id, call.call_id, { verb, ...extra });
  useCallKeys({ reach: () => may_.reach && c.agent_id === me.id && setReach(true), keypad: () => may_.keys && setKeys((k) => !k) });
  const mine = c.agent_id === me.id;
  // Who has no name is called by the number, which stands right above.
  const named = Boolean(opened.contact.name) || callerOf(call.number) !== "number";
  const owns = inIt || mine;
  return (
    <section data-testid="call-bar" data-state={call.held && call.state === "talking" ? "held" : call.state} aria-label={t("call.label")} className="@container border-b border-line bg-surface">
      {(phone.video || phone.camera) && inIt && <VideoStage />}
      <div className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2 max-md:px-3">
        <Standing call={call} />
        {/* Where the pane is narrow, the number stands beside it. */}
        <div className={clsx("min-w-0 flex-1", named && "md:@max-[40rem]:hidden")}>
          {named && <p className="truncate font-medium tabular-nums"><Caller number={call.number} /></p>}
          <p className={clsx("truncate", named ? "text-xs text-text-3" : "text-text-2")}>{t(!party && mine && call.state === "talking" ? "call.without_you" : `call.direction.${call.direction}`)}</p>
        </div>
        {owns && <Controls call={call} may={may_} party={party} go={go} onReach={mine ? () => setReach(true) : undefined} keys={keys} setKeys={setKeys} />}
        {!owns && <Supervise conversation={c.id} call={call} party={party} />}
      </div>
      {party && <Parties call={call} me={me.id} may={may_} mine={mine} go={go} />}
      <Hears opened={opened} call={call} />
      {inIt && phone.deaf && <div className="px-4 pb-2"><Trouble problem={phone.deaf} onRetry={() => void softphone.changed()} /></div>}
      {inIt && phone.silent && <p role="alert" className="px-4 pb-2 text-warning">{t("phone.silent")}</p>}
      {reach && <Reach opened={opened} call={call} onClose={() => setReach(false)} />}
    </section>
  );
}

/** We called and did not get through: why, and once more. */
function Result({ opened, call }: { opened: Opened; call: CallNews }) {
  const { t } = useTranslation();
  return (
    <section data-testid="call-result" role="status" className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-4 py-2 max-md:px-3">
      <span className={clsx("inline-flex h-9 items-center gap-2 rounded-md px-2.5 font-medium", tones.warning)}><PhoneOff size={16} aria-hidden />{t("call.unreached")}</span>
      <p className="min-w-0 flex-auto break-words tabular-nums"><span className="font-medium">{readable(call.number)}</span><span className="text-text-2"> · {causeText(t, call.cause) || t("cause.no_answer")}</span></p>
      <span className="ml-auto flex items-center gap-1">
        <Button tone="quiet" onClick={() => wrapped.set((w) => ({ ...w, [call.call_id]: true }))}>{t("common.dismiss")}</Button>
        <CallAgain opened={opened} />
      </span>
    </section>
  );
}

/** The state, its word and its time. */
export function Standing({ call, small }: { call: CallNews; small?: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const look = callLook(call);
  return (
    <span title={full(call.since)} className={clsx("inline-flex shrink-0 items-center gap-2 rounded-md px-2.5 font-medium whitespace-nowrap", small ? "h-7 text-xs" : "h-9", tones[look.meaning])}>
      <look.icon size={small ? 13 : 16} aria-hidden />
      {t(`call.state.${look.key}`)}
      <time role="timer" aria-live="off" className={clsx("min-w-[4ch] text-right tabular-nums", !small && "text-base")}>{mmss(callTime(call, now))}</time>
    </span>
  );
}

function Controls({ call, may: m, party, go, onReach, keys, setKeys }: { call: CallNews; may: Can; party?: Party; go: (verb: "mute" | "unmute" | "hold" | "resume" | "hangup" | "leave" | "record" | "pause" | "digits" | "cancel" | "remove", extra?: object) => Promise<boolean>; onReach?: () => void; keys: boolean; setKeys: (o: boolean) => void }) {
  const { t } = useTranslation();
  const phone = useStore(phoneView);
  const muted = Boolean(party?.muted);
  const recording = call.recording;
  // Only a browser at the other end can show and see pictures.
  const showVideo = m.mute && phone.state === "ready" && (phone.camera !== undefined || phone.video !== undefined || callerOf(call.number) === "browser");
  return (
    <div className="ml-auto flex flex-wrap items-center gap-1 max-md:w-full max-md:justify-between">
      {m.mute && <Toggle on={muted} label={t(muted ? "call.unmute" : "call.mute")} keys={`${ALT} M`} onClick={() => void go(muted ? "unmute" : "mute")} icon={muted ? <MicOff size={16} aria-hidden /> : <Mic size={16} aria-hidden />} alarm={muted} />}
      {m.mute && party?.role === "agent" && <Toggle on={Boolean(call.held)} disabled={!m.hold} label={t(call.held ? "call.resume" : "call.hold")} keys={`${ALT} H`} onClick={() => void go(call.held ? "resume" : "hold")} icon={call.held ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />} />}
      {m.keys && (
        <Popover align="end" open={keys} onOpenChange={setKeys} trigger={<IconButton label={`${t("call.keypad")} (${ALT} K)`} aria-pressed={keys}><Grid3x3 size={16} aria-hidden /></IconButton>}>
          <Keypad press={(digits) => go("digits", { digits })} />
        </Popover>
      )}
      {onReach && m.mute && <IconButton label={`${t("call.reach")} (${ALT} T)`} disabled={!m.reach} onClick={onReach}><ArrowRightLeft size={16} aria-hidden /></IconButton>}
      {showVideo && <Toggle on={phone.camera !== undefined} label={t(phone.camera ? "call.video_off" : "call.video_on")} keys={`${ALT} V`} onClick={() => void toggleCamera((p) => toast(t(`phone.camera.${p}`), { bad: true }))} icon={phone.camera ? <VideoOff size={16} aria-hidden /> : <Video size={16} aria-hidden />} />}
      {m.record && (
        <button
          type="button"
          onClick={() => void go(recording === "on" ? "pause" : "record")}
          title={`${t(recording === "on" ? "call.pause_recording" : "call.record")} (${ALT} R)`}
          aria-label={t(recording === "on" ? "call.pause_recording" : "call.record")}
          className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-xs text-text-2 hover:bg-sunken"
        >
          <Circle size={10} aria-hidden className={recording === "on" ? "fill-current text-breach" : recording === "paused" ? "text-warning" : "text-text-3"} strokeWidth={3} />
          <span className={clsx(showVideo && "max-md:sr-only")}>{t(recording === "on" ? "call.recording" : recording === "paused" ? "call.recording_paused" : "call.not_recorded")}</span>
        </button>
      )}
      {m.out && <Button icon={<LogOut size={14} aria-hidden />} onClick={() => void go(m.out ?? "cancel", { leg: party?.leg })} title={t("call.leave_text")}>{t("call.leave")}</Button>}
      {m.leave && <Button icon={<LogOut size={14} aria-hidden />} onClick={() => void go("leave")} title={t("call.leave_text")}>{t("call.leave")}</Button>}
      {m.hangup && <Button tone="danger" className="bg-breach-soft" icon={<PhoneOff size={14} aria-hidden />} onClick={() => void go("hangup")} title={`${t("call.hangup")} (${ALT} X)`}>{t("call.hangup")}</Button>}
    </div>
  );
}

async function toggleCamera(failed: (why: "mic_denied" | "mic_busy" | "mic_missing") => void) {
  if (phoneView.get().camera) return softphone.closeCamera();
  try {
    await softphone.showCamera();
  } catch (err) {
    failed(refusal(err) as "mic_denied");
  }
}

function Toggle({ on, label, keys, icon, onClick, disabled, alarm }: { on: boolean; label: string; keys: string; icon: ReactNode; onClick: () => void; disabled?: boolean; alarm?: boolean }) {
  return (
    <IconButton label={`${label} (${keys})`} aria-pressed={on} disabled={disabled} onClick={onClick} className={alarm ? "aria-pressed:!bg-warning-soft aria-pressed:!text-warning" : undefined}>
      {icon}
    </IconButton>
  );
}

/** What somebody in a call is called; the server does not know every colleague's name. */
function useParty(): (p: Party) => string {
  const { t } = useTranslation();
  const agents = useQuery({ ...agentsQuery, staleTime: 60_000 }).data;
  return (p) => readable(p.name) || agents?.find((a) => a.id === p.agent)?.name || t("conversation.an_agent");
}

/** Who else is in the call, and how a consultation ends. */
function Parties({ call, me, may: m, mine, go }: { call: CallNews; me: string; may: Can; mine: boolean; go: (verb: "complete" | "merge" | "cancel" | "remove", extra?: object) => Promise<boolean> }) {
  const { t } = useTranslation();
  const name = useParty();
  const list = others(call, me);
  const heard = (call.parties ?? []).filter((p) => overhears(p) && p.agent !== me);
  if (list.length === 0 && heard.length === 0) return null;
  const asked = consulted(call);
  return (
    <div className="flex flex-wrap items-center gap-2 border-t border-line bg-sunken px-4 py-2 max-md:px-3" data-testid="parties">
      {list.map((p) => (
        <span key={p.leg} className="inline-flex h-7 items-center gap-1.5 rounded-md border border-line bg-surface pr-1 pl-2 text-xs">
          {p.role === "consult" ? <Headphones size={12} aria-hidden className="text-text-3" /> : <Phone size={12} aria-hidden className="text-text-3" />}
          <span className="max-w-40 truncate font-medium">{name(p)}</span>
          <span className="text-text-3">{t(`call.party.${p.state}`)}</span>
          {p.role === "third" && mine ? (
            <button type="button" aria-label={t("call.remove", { name: name(p) })} title={t("call.remove", { name: name(p) })} className="rounded-sm p-1 text-text-3 hover:bg-sunken hover:text-text" onClick={() => void go("remove", { leg: p.leg })}><UserMinus size={12} aria-hidden /></button>
          ) : <span className="w-1" />}
        </span>
      ))}
      {heard.length > 0 && <span className="inline-flex items-center gap-1.5 text-xs text-text-3"><Ear size={12} aria-hidden />{t("call.supervised", { names: heard.map(name).join(t("common.comma")) })}</span>}
      {asked && m.settle && (
        <span className="ml-auto flex flex-wrap gap-2 max-md:w-full max-md:[&>*]:flex-auto">
          <Button small onClick={() => void go("cancel")}>{t("call.cancel_consult")}</Button>
          <Button small disabled={asked.state === "ringing"} onClick={() => void go("merge")}>{t("call.merge")}</Button>
          <Button small tone="primary" onClick={() => void go("complete")}>{t("call.complete")}</Button>
        </span>
      )}
    </div>
  );
}

/** A supervisor's ways into a call that is not his. */
export function Supervise({ conversation, call, party, small }: { conversation: string; call: CallNews; party?: Party; small?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const run = useCommand();
  if (!may(me, "voice.supervise")) return null;
  const talking = call.state === "talking";
  if ((!talking && !party) || (party && !overhears(party))) return null;
  const go = async (verb: "listen" | "whisper" | "barge" | "unlisten") => {
    await run(conversation, call.call_id, { verb });
    void client.invalidateQueries({ queryKey: ["voice", "live"] });
    void client.invalidateQueries({ queryKey: conversationQuery(conversation).queryKey });
  };
  const ways = [["listen", "listener", Ear], ["whisper", "whisperer", MessageCircleMore], ["barge", "barger", Megaphone]] as const;
  return (
    <span className="flex flex-wrap items-center gap-0.5">
      {ways.map(([verb, role, Icon]) =>
        small ? (
          <IconButton key={verb} small label={t(`call.${verb}`)} aria-pressed={party?.role === role} onClick={() => void go(verb)}><Icon size={15} aria-hidden /></IconButton>
        ) : (
          <button key={verb} type="button" title={t(`call.${verb}`)} aria-pressed={party?.role === role} onClick={() => void go(verb)} className="inline-flex h-8 items-center gap-1.5 rounded-md px-2.5 text-text-2 hover:bg-sunken hover:text-text aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text max-md:px-2">
            <Icon size={15} aria-hidden className="max-md:hidden" />
            {t(`call.way.${verb}`)}
          </button>
        ),
      )}
      {party && overhears(party) && <Button small={small} icon={<Speech size={13} aria-hidden />} onClick={() => void go("unlisten")}>{t("call.unlisten")}</Button>}
    </span>
  );
}

/** What the call keys of the desk do in the conversation that is open. */
export const barKeys = { reach: undefined as (() => void) | undefined, keypad: undefined as (() => void) | undefined };

function useCallKeys(keys: { reach: () => unknown; keypad: () => unknown }) {
  const ref = useRef(keys);
  ref.current = keys;
  useEffect(() => {
    const mine = { reach: () => void ref.current.reach(), keypad: () => void ref.current.keypad() };
    Object.assign(barKeys, mine);
    return () => {
      if (barKeys.reach === mine.reach) barKeys.reach = barKeys.keypad = undefined;
    };
  }, []);
}
export { toggleCamera };
