import { Ear, KeyRound, Mic, Music, Voicemail } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Event, Mark, Opened } from "../api/types";
import { words } from "../conversation/timeline";
import { plainText } from "./plain";
import type { CallNews } from "./types";

/** What the bot has learnt in the flow that is under way, the newest value of each slot. */
export function learnt(events: Event[]): { slot: string; value: string }[] {
  let flow: string | undefined;
  let slots = new Map<string, string>();
  for (const e of events) {
    if (e.kind !== "mark") continue;
    const m: Mark = e.data;
    if (m.kind === "started" || m.kind === "resumed") {
      if (m.flow !== flow) slots = new Map();
      flow = m.flow;
    } else if (m.kind === "completed" || m.kind === "cancelled") {
      flow = undefined;
      slots = new Map();
    } else if ((m.kind === "set" || m.kind === "corrected") && m.slot && flow && (!m.flow || m.flow === flow)) slots.set(m.slot, m.value ?? "");
  }
  return [...slots].map(([slot, value]) => ({ slot, value }));
}

/** While no person talks to him: what the caller hears now, what he has pressed, what is known so far. */
export function Hears({ opened, call }: { opened: Opened; call: CallNews }) {
  const { t } = useTranslation();
  if (call.state !== "menu" && call.state !== "queued" && !call.held) return null;
  const message = call.saying ? opened.events.find((e) => e.kind === "message" && e.data.id === call.saying) : undefined;
  const said = message?.kind === "message" ? plainText(message.data.content.text ?? "") : "";
  const slots = call.state === "menu" ? learnt(opened.events) : [];
  const asking = call.state === "menu" ? opened.conversation.asking?.slot : undefined;
  return (
    <div data-testid="hears" className="border-t border-line bg-sunken px-4 py-2 text-xs max-md:px-3">
      <p className="flex min-h-4 items-start gap-2">
        {call.voicemail ? <Voicemail size={13} className="mt-px shrink-0 text-text-3" aria-hidden /> : said ? <Ear size={13} className="mt-px shrink-0 text-text-3" aria-hidden /> : call.state === "queued" || call.held ? <Music size={13} className="mt-px shrink-0 text-text-3" aria-hidden /> : <Ear size={13} className="mt-px shrink-0 text-text-3" aria-hidden />}
        <span className="line-clamp-2 min-w-0 flex-1 text-text-2">
          {call.voicemail ? t("hears.voicemail") : said ? t("hears.says", { text: said }) : call.state === "queued" || call.held ? t("hears.music") : t("hears.silence")}
        </span>
        {Boolean(call.keys) && <span className="inline-flex shrink-0 items-center gap-1 text-text-2"><KeyRound size={12} aria-hidden />{t("hears.keys", { count: call.keys })}</span>}
        {call.listening && <span className="inline-flex shrink-0 items-center gap-1 text-live"><Mic size={12} aria-hidden />{t("hears.listening")}</span>}
      </p>
      {(slots.length > 0 || asking) && (
        <dl className="mt-1.5 flex flex-wrap gap-x-4 gap-y-0.5 pl-[21px]">
          {slots.map((s) => (
            <div key={s.slot} className="flex gap-1.5">
              <dt className="text-text-3">{words(s.slot)}</dt>
              <dd className="max-w-60 truncate font-medium">{words(s.value)}</dd>
            </div>
          ))}
          {asking && !slots.some((s) => s.slot === asking) && (
            <div className="flex gap-1.5">
              <dt className="text-text-3">{words(asking)}</dt>
              <dd className="text-accent-text">{t("hears.asked")}</dd>
            </div>
          )}
        </dl>
      )}
    </div>
  );
}
