import { clsx } from "clsx";
import { Headset, Mic, Phone, PhoneForwarded, Play, Volume2 } from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../api/queries";
import { useStore } from "../lib/store";
import { Button } from "../ui/button";
import { Check, Field, Select, TextInput } from "../ui/field";
import { Badge, Note, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { takeCallsAt, voiceQuery } from "./api";
import { canChooseSpeaker, meter, ring, testTone } from "./audio";
import { useVoice } from "./desk";
import { type Problem, refusal } from "./machine";
import { numberOf } from "./number";
import { microphone, phoneView, softphone, stopPhone, usePhone } from "./phone";
import { phonePrefs, setPhone } from "./prefs";
import type { VoiceInfo, Where } from "./types";

/** Where I take calls, and what this browser needs for them. */
export function PhoneSetup() {
  const { t } = useTranslation();
  const text = useErrorText();
  const voice = useVoice();
  const name = useId();
  if (!voice) return <p className="text-text-3">{t("phone.disabled")}</p>;
  const choose = async (where: Where, number = voice.number) => {
    const was = client.getQueryData(voiceQuery.queryKey);
    client.setQueryData(voiceQuery.queryKey, (v) => v && { ...v, where, number });
    try {
      await takeCallsAt(where, number);
      void client.invalidateQueries({ queryKey: voiceQuery.queryKey });
    } catch (err) {
      client.setQueryData(voiceQuery.queryKey, was);
      toast(text(err), { bad: true });
    }
  };
  const registered = voice.phones?.filter((p) => p.registered) ?? [];
  const places: { where: Where; icon: ReactNode; text: ReactNode }[] = [
    { where: "browser", icon: <Headset size={16} aria-hidden />, text: t("phone.where.browser_text") },
    { where: "phone", icon: <Phone size={16} aria-hidden />, text: !voice.phones?.length ? t("phone.where.no_phone") : registered.length ? t("phone.where.registered", { names: registered.map((p) => p.user).join(t("common.comma")) }) : t("phone.where.not_registered", { names: voice.phones.map((p) => p.user).join(t("common.comma")) }) },
    { where: "number", icon: <PhoneForwarded size={16} aria-hidden />, text: voice.number ? <span className="tabular-nums">{voice.number}</span> : t("phone.where.number_text") },
  ];
  return (
    <div className="space-y-4">
      <fieldset>
        <legend className="mb-1 text-xs font-medium text-text-2">{t("phone.where.title")}</legend>
        <div className="divide-y divide-line rounded-lg border border-line">
          {places.map((p) => (
            <label key={p.where} className={clsx("flex cursor-pointer items-center gap-3 px-3 py-2 first:rounded-t-lg last:rounded-b-lg", voice.where === p.where ? "bg-accent-soft" : "hover:bg-hover")}>
              <input type="radio" name={name} className="accent-(--accent)" checked={voice.where === p.where} disabled={p.where === "phone" && !voice.phones?.length} onChange={() => void choose(p.where)} />
              <span className="text-text-2">{p.icon}</span>
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{t(`phone.where.${p.where}`)}</span>
                <span className="block text-xs text-text-3">{p.text}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {voice.where === "number" && <OwnNumber voice={voice} save={(n) => choose("number", n)} />}
      {voice.where === "browser" && <Browser />}
    </div>
  );
}

function OwnNumber({ voice, save }: { voice: VoiceInfo; save: (n: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(voice.number ?? "");
  const number = numberOf(value);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (number) void save(number).then(() => toast(t("done.saved")));
  };
  return (
    <form className="flex items-start gap-2" onSubmit={submit}>
      <Field label={t("phone.number")} hint={t("phone.number_hint")} className="flex-1">{(p) => <TextInput {...p} type="tel" inputMode="tel" required value={value} onChange={(e) => setValue(e.target.value)} placeholder="+49 30 5550117" />}</Field>
      <Button type="submit" className="mt-5" disabled={!number || number === voice.number}>{t("common.save")}</Button>
    </form>
  );
}

function Browser() {
  const { t } = useTranslation();
  const phone = useStore(phoneView);
  const { on } = useStore(phonePrefs);
  const busy = phone.state === "asking" || phone.state === "connecting";
  if (!on)
    return (
      <div className="rounded-lg border border-line p-4 text-center">
        <p className="mb-3 text-text-2">{t("phone.use_text")}</p>
        <Button tone="primary" icon={<Mic size={14} aria-hidden />} onClick={() => void usePhone()}>{t("phone.use")}</Button>
      </div>
    );
  return (
    <div className="space-y-3">
      <div className="flex min-h-7 items-center gap-2">
        <Badge meaning={phone.state === "ready" ? "live" : busy ? "waiting" : "breach"}>{t(`phone.state.${phone.state}`)}</Badge>
        <span className="flex-1" />
        <Button small tone="quiet" onClick={stopPhone}>{t("phone.stop")}</Button>
      </div>
      {phone.problem && <Trouble problem={phone.problem} onRetry={busy ? undefined : () => void softphone.again(true)} />}
      <Devices key={phone.state === "ready" ? "ready" : "not"} told={phone.problem} />
    </div>
  );
}

/** What is wrong, and what to do about it. */
export function Trouble({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Note meaning={problem === "network" || problem === "server" ? "warning" : "breach"}>
      <p className="font-medium">{t(`phone.problem.${problem}`)}</p>
      <p>{t(`phone.remedy.${problem}`)}</p>
      {onRetry && <button type="button" className="mt-1 font-semibold underline underline-offset-2" onClick={onRetry}>{t("common.retry")}</button>}
    </Note>
  );
}

function Devices({ told }: { told?: Problem }) {
  const { t } = useTranslation();
  const prefs = useStore(phonePrefs);
  const { mics, speakers, scan } = useDevices();
  const [problem, setProblem] = useState<Problem>();
  const playing = useRef<{ stop(): void } | undefined>(undefined);
  useEffect(() => () => playing.current?.stop(), []);
  const hear = (p: { stop(): void }) => {
    playing.current?.stop();
    playing.current = p;
  };
  const options = (list: MediaDeviceInfo[], chosen: string) => (
    <>
      <option value="">{t("phone.system")}</option>
      {list.filter((d) => d.deviceId && d.deviceId !== "default").map((d, i) => <option key={d.deviceId} value={d.deviceId}>{d.label || t("phone.device_n", { n: i + 1 })}</option>)}
      {chosen && !list.some((d) => d.deviceId === chosen) && <option value={chosen}>{t("phone.unplugged")}</option>}
    </>
  );
  const choosable = canChooseSpeaker();
  return (
    <div className="space-y-3">
      <Field label={t("phone.mic")}>{(p) => <Select {...p} value={prefs.mic} onChange={(e) => setPhone({ mic: e.target.value })}>{options(mics, prefs.mic)}</Select>}</Field>
      <Level key={prefs.mic + String(prefs.clean)} onProblem={setProblem} onOpen={scan} />
      {problem && problem !== told && <Trouble problem={problem} />}
      <div className="flex items-end gap-2">
        <Field label={t("phone.speaker")} hint={choosable ? undefined : t("phone.no_choice")} className="min-w-0 flex-1">{(p) => <Select {...p} disabled={!choosable} value={prefs.speaker} onChange={(e) => setPhone({ speaker: e.target.value })}>{options(speakers, prefs.speaker)}</Select>}</Field>
        <Button icon={<Play size={14} aria-hidden />} onClick={() => hear(testTone(prefs.speaker))} className={choosable ? undefined : "mb-5"}>{t("phone.test")}</Button>
      </div>
      <div className="flex items-end gap-2">
        <Field label={t("phone.ring")} className="min-w-0 flex-1">{(p) => <Select {...p} disabled={!choosable} value={prefs.ring} onChange={(e) => setPhone({ ring: e.target.value })}>{options(speakers, prefs.ring)}</Select>}</Field>
        <Button icon={<Volume2 size={14} aria-hidden />} onClick={() => hear(ring(prefs.ring, 1))}>{t("phone.test")}</Button>
      </div>
      <Check label={t("phone.clean")} checked={prefs.clean} onChange={(e) => setPhone({ clean: e.target.checked })} />
    </div>
  );
}

/** How loud the microphone is, while this is looked at; then it is closed again. */
function Level({ onProblem, onOpen }: { onProblem: (p: Problem | undefined) => void; onOpen: () => void }) {
  const { t } = useTranslation();
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    let gone = false;
    let stopMeter = () => {};
    let stream: MediaStream | undefined;
    navigator.mediaDevices?.getUserMedia({ audio: microphone() }).then(
      (s) => {
        stream = s;
        if (gone) return s.getTracks().forEach((x) => x.stop());
        onProblem(undefined);
        onOpen(); // names of devices are told only to who may hear
        stopMeter = meter(s, (l) => bar.current && (bar.current.style.width = `${Math.round(l * 100)}%`));
      },
      (err: unknown) => !gone && onProblem(refusal(err)),
    );
    return () => {
      gone = true;
      stopMeter();
      stream?.getTracks().forEach((x) => x.stop());
    };
  }, []);
  return (
    <div className="flex items-center gap-2">
      <Mic size={14} className="text-text-3" aria-hidden />
      <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-sunken" role="img" aria-label={t("phone.level")}>
        <span ref={bar} className="block h-full bg-live" style={{ width: 0 }} />
      </span>
      <span className="text-xs text-text-3">{t("phone.say")}</span>
    </div>
  );
}

function useDevices() {
  const [list, setList] = useState<MediaDeviceInfo[]>([]);
  const scan = () => void navigator.mediaDevices?.enumerateDevices().then(setList, () => {});
  useEffect(() => {
    scan();
    navigator.mediaDevices?.addEventListener?.("devicechange", scan);
    return () => navigator.mediaDevices?.removeEventListener?.("devicechange", scan);
  }, []);
  return { mics: list.filter((d) => d.kind === "audioinput"), speakers: list.filter((d) => d.kind === "audiooutput"), scan };
}
