import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Phone } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client, conversationQuery, offersQuery, queuesQuery } from "../api/queries";
import type { Conversation, OfferCard } from "../api/types";
import { summaryQuery } from "../conversation/beside";
import { SummaryLines } from "../conversation/lines";
import { currentLang, textIn } from "../i18n";
import { covered, typing } from "../lib/keys";
import { sound } from "../lib/prefs";
import { may, useMe } from "../lib/session";
import { instant, span, useNow } from "../lib/time";
import { refreshInbox } from "../rt/sync";
import { goTo } from "../router";
import { ChannelName } from "../inbox/channel";
import { Button } from "../ui/button";
import { useErrorText } from "../ui/state";
import { useIncoming, useRing } from "../voice/incoming";
import { callerOf, readable } from "../voice/number";
import { useReadiness } from "../voice/phone-status";
import { toast } from "../ui/toast";

const drop = (id: string) => client.setQueryData(offersQuery.queryKey, (now: OfferCard[] = []) => now.filter((o) => o.offer.id !== id));

/** Work that is offered to me: over the list, where work comes in, and never over what is being read or typed. */
export function Offers() {
  const me = useMe();
  const { data = [] } = useQuery({ ...offersQuery, enabled: may(me, "conversations.write") });
  const now = useNow();
  const open = data.filter((o) => o.offer.state === "open" && instant(o.offer.expires_at) > now - 500);
  const first = open[0];
  const known = useRef(new Set<string>());
  useEffect(() => {
    if (!first || known.current.has(first.offer.id)) return;
    known.current.add(first.offer.id);
    if (sound.get() && first.row?.channel !== "voice") chime();
  }, [first]);
  const call = open.find((o) => o.row?.channel === "voice")?.offer.conversation_id;
  useRing(useSpoken(call ?? "", call !== undefined).live);
  const asked = useIncoming() !== undefined;
  if (!first) return null;
  return <Card key={first.offer.id} it={first} more={open.length - 1} second={asked} />;
}

function Card({ it, more, second }: { it: OfferCard; more: number; second: boolean }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [busy, setBusy] = useState(false);
  const queues = useQuery({ ...queuesQuery, staleTime: 300_000 }).data;
  const { offer, row, card } = it;

  const accept = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const c = await api.post<Conversation>(`/api/offers/${offer.id}/accept`);
      drop(offer.id);
      void client.invalidateQueries({ queryKey: conversationQuery(offer.conversation_id).queryKey });
      refreshInbox();
      goTo(`/inbox/${c?.id ?? offer.conversation_id}`);
    } catch (err) {
      if (err instanceof ApiError && err.status === 409) drop(offer.id);
      setBusy(false);
      toast(text(err), { bad: true });
    }
  };
  const decline = async () => {
    if (busy) return;
    drop(offer.id);
    await api.post(`/api/offers/${offer.id}/decline`).catch((err: unknown) => {
      if (!(err instanceof ApiError && err.status === 409)) toast(text(err), { bad: true });
    });
  };
  // A call that rings above it has the keys.
  const keys = useRef({ accept, decline, second });
  keys.current = { accept, decline, second };
  useEffect(() => {
    const hear = (e: KeyboardEvent) => {
      if (e.isComposing || e.repeat || e.metaKey || e.ctrlKey || e.altKey || e.defaultPrevented || keys.current.second || typing() || covered()) return;
      const el = document.activeElement;
      // Enter belongs to a button that somebody has tabbed to, not to one that a closed menu left behind.
      const pressing = (el instanceof HTMLButtonElement || el instanceof HTMLAnchorElement) && el.matches(":focus-visible");
      if (e.key === "Enter" && !pressing) {
        e.preventDefault();
        e.stopPropagation();
        void keys.current.accept();
      } else if (e.key === "Escape") {
        e.preventDefault();
        void keys.current.decline();
      }
    };
    // Before the element that has the focus: a menu's button would open on Enter.
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  }, []);

  const queue = queues?.find((q) => q.name === row?.queue);
  const { number, live: spoken } = useSpoken(offer.conversation_id, row?.channel === "voice");
  const wants = card?.wants || row?.subject || row?.preview;
  const summary = useQuery(summaryQuery(offer.conversation_id, currentLang(), 0)).data;
  return (
    <section
      data-testid="offer"
      aria-label={t(spoken ? "offer.call" : "offer.label", { name: row?.contact.name || number || "" })}
      className={clsx("fixed left-[76px] z-30 w-81 rounded-xl border border-line-strong bg-surface p-4 shadow-lg max-md:inset-x-3 max-md:bottom-auto max-md:left-3 max-md:w-auto", second ? "bottom-38 max-md:top-34" : "bottom-3 max-md:top-3")}
    >
      <p role="alert" className="sr-only">{t(spoken ? "offer.call" : "offer.label", { name: row?.contact.name || number || "" })}</p>
      <div className="flex items-start gap-3">
        <Ring from={offer.at} to={offer.expires_at} />
        <div className="min-w-0 flex-1">
          <p className="truncate text-base font-semibold">{row?.contact.name || (number && readable(number)) || t("offer.somebody")}</p>
          {number && row?.contact.name && <p className="truncate text-sm tabular-nums">{readable(number)}</p>}
          <p className="flex flex-wrap items-center gap-x-1.5 text-xs text-text-3">
            {row && <ChannelName channel={row.channel} />}
            {row?.queue && <span>· {textIn(queue?.title) || row.queue}</span>}
            {row?.waiting_since && <span>· {t("offer.waited", { time: span(Date.now() - instant(row.waiting_since)) })}</span>}
          </p>
        </div>
      </div>
      {spoken && <PhoneWarning />}
      {wants && <p className="mt-3 line-clamp-3 text-sm">{wants}</p>}
      {card?.facts && card.facts.length > 0 && (
        <dl className="mt-2 flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
          {card.facts.slice(0, 4).map((f) => (
            <div key={f.key} className="flex gap-1">
              <dt className="text-text-3">{f.label}</dt>
              <dd className="max-w-40 truncate">{f.value}</dd>
            </div>
          ))}
        </dl>
      )}
      {summary && <SummaryLines summary={{ ...summary, lines: summary.lines.filter((l) => l.kind === "tried" || l.kind === "mood") }} className="mt-2 text-xs" />}
      <div className="mt-3 flex gap-2">
        <Button tone="primary" className="flex-1" keys="Enter" icon={spoken ? <Phone size={14} aria-hidden /> : undefined} disabled={busy} onClick={() => void accept()}>{t(spoken ? "incoming.answer" : "offer.accept")}</Button>
        <Button keys="Esc" disabled={busy} onClick={() => void decline()}>{t("offer.decline")}</Button>
      </div>
      {more > 0 && <p className="mt-2 text-center text-xs text-text-3">{t("offer.more", { count: more })}</p>}
    </section>
  );
}

/** The number of who calls, or called, and whether the call is up: that stands in the conversation, not in its row. */
function useSpoken(id: string, on: boolean): { number?: string; live: boolean } {
  const { data } = useQuery({ ...conversationQuery(id), enabled: on });
  const c = data?.conversation;
  const address = c?.channel === "voice" && callerOf(c.address ?? "") === "number" ? c.address : undefined;
  return { number: c?.callback?.phone || address, live: on && (c === undefined || Boolean(c.on_call)) };
}

/** Accepting a call that cannot reach me would only make the customer wait. */
function PhoneWarning() {
  const { t } = useTranslation();
  const ready = useReadiness();
  if (!ready || ready === "ready") return null;
  return <p role="status" className="mt-2 rounded-md bg-warning-soft px-2 py-1 text-xs text-warning">{t("offer.phone_not_ready")}</p>;
}

function Ring({ from, to }: { from: string; to: string }) {
  const now = useNow();
  const end = instant(to);
  const whole = Math.max(1, end - instant(from));
  const left = Math.max(0, end - now);
  const length = 2 * Math.PI * 17;
  return (
    <span className="relative flex size-10 shrink-0 items-center justify-center" role="timer" aria-label={span(left)}>
      <svg width="40" height="40" viewBox="0 0 40 40" className="absolute inset-0 -rotate-90" aria-hidden="true">
        <circle cx="20" cy="20" r="17" fill="none" strokeWidth="3" className="stroke-sunken" />
        <circle
          cx="20"
          cy="20"
          r="17"
          fill="none"
          strokeWidth="3"
          strokeLinecap="round"
          className={left < 6000 ? "stroke-breach" : "stroke-accent"}
          strokeDasharray={length}
          strokeDashoffset={length * (1 - left / whole)}
          style={{ transition: "stroke-dashoffset 1s linear" }}
        />
      </svg>
      <span className="text-sm font-semibold tabular-nums">{Math.ceil(left / 1000)}</span>
    </span>
  );
}

function chime() {
  try {
    const a = new AudioContext();
    const o = a.createOscillator();
    const g = a.createGain();
    o.frequency.value = 660;
    g.gain.setValueAtTime(0.08, a.currentTime);
    g.gain.exponentialRampToValueAtTime(0.001, a.currentTime + 0.4);
    o.connect(g).connect(a.destination);
    o.start();
    o.stop(a.currentTime + 0.4);
    o.onended = () => void a.close();
  } catch {
    // No sound device: the card is enough.
  }
}
