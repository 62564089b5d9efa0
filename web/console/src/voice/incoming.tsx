import { Phone } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { covered, typing } from "../lib/keys";
import { useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { goTo } from "../router";
import { Button } from "../ui/button";
import { partyOf, upNow } from "./calls";
import { mmss, callTime } from "./clock";
import { calls, useCommand } from "./desk";
import { useNow } from "../lib/time";
import { Caller } from "./caller";
import { phonePrefs } from "./prefs";
import { ring } from "./audio";
import type { CallNews } from "./types";

/** Rings for as long as it is shown, in one tab only. */
export function useRing(on: boolean) {
  useEffect(() => {
    if (!on) return;
    let off = false;
    let sound: { stop(): void } | undefined;
    let release = () => {};
    const begin = () => {
      if (!off) sound = ring(phonePrefs.get().ring);
    };
    if (navigator.locks)
      void navigator.locks.request("parley.ring", { ifAvailable: true }, (lock) => {
        if (!lock || off) return;
        begin();
        return new Promise<void>((done) => {
          release = done;
        });
      });
    else begin();
    return () => {
      off = true;
      sound?.stop();
      release();
    };
  }, [on]);
}

/** The call, with its conversation, that rings for me although no work was offered. */
export function useIncoming(): [string, CallNews] | undefined {
  const me = useMe();
  const all = useStore(calls);
  return Object.entries(all).find(([, c]) => {
    const p = partyOf(c, me.id);
    return upNow(c) && p?.state === "ringing" && (p.role === "consult" || p.role === "third");
  });
}

/** A colleague who asks me in. */
export function Incoming() {
  const found = useIncoming();
  useRing(found !== undefined);
  return found ? <Card key={found[1].call_id} conversation={found[0]} call={found[1]} /> : null;
}

function Card({ conversation, call }: { conversation: string; call: CallNews }) {
  const { t } = useTranslation();
  const me = useMe();
  const run = useCommand();
  const now = useNow();
  const from = call.parties?.find((p) => p.role === "agent" && p.agent !== me.id)?.name ?? "";
  const answer = async () => {
    if (await run(conversation, call.call_id, { verb: "pick_up" })) goTo(`/inbox/${conversation}`);
  };
  const party = partyOf(call, me.id);
  const decline = () => void run(conversation, call.call_id, party?.role === "third" ? { verb: "remove", leg: party.leg } : { verb: "cancel" });
  useEffect(() => {
    const hear = (e: KeyboardEvent) => {
      if (e.isComposing || e.repeat || e.metaKey || e.ctrlKey || e.altKey || e.defaultPrevented || typing() || covered()) return;
      if (e.key !== "Enter" && e.key !== "Escape") return;
      e.preventDefault();
      e.stopPropagation();
      if (e.key === "Enter") void answer();
      else decline();
    };
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  });
  return (
    <section data-testid="incoming" aria-label={t("incoming.label", { name: from })} className="fixed bottom-3 left-[76px] z-31 w-81 rounded-xl border border-line-strong bg-surface p-4 shadow-lg max-md:inset-x-3 max-md:top-3 max-md:bottom-auto max-md:left-3 max-md:w-auto">
      <p role="alert" className="sr-only">{t("incoming.label", { name: from })}</p>
      <div className="flex items-center gap-3">
        <span className="flex size-10 items-center justify-center rounded-full bg-live-soft text-live"><Phone size={18} aria-hidden /></span>
        <div className="min-w-0 flex-1">
          <p className="truncate text-base font-semibold">{from ? t("incoming.asks", { name: from }) : t("incoming.rings")}</p>
          <p className="truncate text-xs text-text-3 tabular-nums"><Caller number={call.number} /> · {mmss(callTime(call, now))}</p>
        </div>
      </div>
      <div className="mt-3 flex gap-2">
        <Button tone="primary" className="flex-1" keys="Enter" onClick={() => void answer()}>{t("incoming.answer")}</Button>
        <Button keys="Esc" onClick={decline}>{t("offer.decline")}</Button>
      </div>
    </section>
  );
}
