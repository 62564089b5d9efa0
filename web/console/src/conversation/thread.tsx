import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ArrowDown } from "lucide-react";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import type { Event, Opened, Page } from "../api/types";
import { useStore } from "../lib/store";
import { dayOf, useNow } from "../lib/time";
import { typists } from "../rt/sync";
import { Button } from "../ui/button";
import { useWho } from "../inbox/who";
import { recordingsQuery } from "../voice/api";
import { CallLine, LinkLine } from "../voice/call-line";
import { RecordingCard } from "../voice/player";
import { apply } from "./apply";
import { Bubble, Held } from "./message";
import { outgoing } from "./sending";
import { StatusLine } from "./status-line";
import { Steps } from "./steps";
import { timeline } from "./timeline";

/** Nearer than this to the end counts as at the end. */
const NEAR = 80;

export function Thread({ opened, me }: { opened: Opened; me: string }) {
  const { t } = useTranslation();
  const who = useWho();
  const { conversation: c, events } = opened;
  const spoken = c.channel === "voice" || events.some((e) => e.kind === "mark" && e.data.kind === "call");
  const recordings = useQuery({ ...recordingsQuery({ conversation: c.id }), enabled: spoken }).data;
  const items = useMemo(() => timeline(events, recordings), [events, recordings]);
  const mixed = useMemo(() => new Set(items.flatMap((i) => (i.kind === "message" && !i.message.private ? [i.message.channel] : []))).size > 1, [items]);
  const pending = useStore(outgoing).filter((o) => o.conversation === c.id && !events.some((e) => e.kind === "message" && e.data.external_id === o.client_id));
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [fresh, setFresh] = useState(0);
  const newest = events.at(-1)?.seq ?? 0;
  const seen = useRef(newest);

  const toEnd = () => {
    const el = box.current;
    if (el) el.scrollTop = el.scrollHeight;
    setFresh(0);
  };
  useLayoutEffect(toEnd, []);
  useLayoutEffect(() => {
    if (newest <= seen.current) return;
    const came = events.filter((e) => e.kind === "message" && (e.seq ?? 0) > seen.current).length;
    seen.current = newest;
    if (atEnd.current) toEnd();
    else setFresh((n) => n + came);
  }, [newest]);
  useLayoutEffect(() => {
    if (pending.length) toEnd();
  }, [pending.length]);
  useEffect(() => {
    // The thread keeps its end in view when the composer or a picture takes room.
    const el = box.current;
    if (!el) return;
    const watch = new ResizeObserver(() => atEnd.current && toEnd());
    watch.observe(el);
    if (el.firstElementChild) watch.observe(el.firstElementChild);
    return () => watch.disconnect();
  }, []);

  useRead(opened, me, atEnd, newest);
  const older = useOlder(opened, box);
  return (
    <>
    <div className="relative min-h-0 flex-1">
      <div
        ref={box}
        data-testid="thread"
        role="region"
        tabIndex={0}
        aria-label={t("thread.label")}
        className="absolute inset-0 overflow-y-auto outline-offset-[-2px]"
        onScroll={(e) => {
          const el = e.currentTarget;
          atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < NEAR;
          if (atEnd.current) setFresh(0);
          if (el.scrollTop < 200) older.load();
        }}
      >
        <div className="mx-auto flex min-h-full max-w-205 flex-col px-5 py-4 max-md:px-3">
          {older.more && (
            <div className="py-2 text-center">
              <Button small tone="quiet" disabled={older.busy} onClick={older.load}>{older.busy ? t("common.loading") : t("thread.older")}</Button>
            </div>
          )}
          <span className="flex-1" />
          <div role="log" aria-label={t("thread.log")} aria-live="polite" aria-relevant="additions">
            {items.map((item) => {
              switch (item.kind) {
                case "day":
                  return <p key={item.key} className="my-3 flex items-center gap-3 text-xs text-text-3 before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">{dayOf(item.at)}</p>;
                case "steps":
                  return <Steps key={item.key} marks={item.marks} at={item.at} facts={c.hand_over?.facts} />;
                case "status":
                  return <StatusLine key={item.key} change={item.change} at={item.at} me={me} />;
                case "call":
                  return <CallLine key={item.key} mark={item.mark} call={item.call} at={item.at} />;
                case "link":
                  return <LinkLine key={item.key} message={item.message} at={item.at} />;
                case "recording":
                  return <RecordingCard key={item.key} recording={item.recording} />;
                case "message":
                  return <Bubble key={item.key} item={item} me={me} customer={who(opened.contact, c)} customerSeq={c.customer_seq} mixed={mixed} />;
              }
            })}
            {pending.map((o) => (
              <Held key={o.client_id} o={o} />
            ))}
          </div>
          <Typing id={c.id} customer={who(opened.contact, c)} />
        </div>
      </div>
      {fresh > 0 && (
        <button type="button" onClick={toEnd} className="absolute bottom-3 left-1/2 flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-3 text-sm font-medium text-on-accent shadow-md hover:bg-accent-hover">
          <ArrowDown size={14} aria-hidden />
          {t("thread.fresh", { count: fresh })}
        </button>
      )}
    </div>
    </>
  );
}

function Typing({ id, customer }: { id: string; customer: string }) {
  const { t } = useTranslation();
  const who = useStore(typists)[id];
  const now = useNow();
  const on = who && who.until > now;
  return (
    <p className={clsx("mt-1 flex h-5 items-center gap-2 text-xs text-text-3")} aria-live="polite">
      {on && (
        <>
          <span className="flex gap-1" aria-hidden>
            <i className="typing-dot" />
            <i className="typing-dot" style={{ animationDelay: "0.15s" }} />
            <i className="typing-dot" style={{ animationDelay: "0.3s" }} />
          </span>
          {t("thread.typing", { name: who.name || customer })}
        </>
      )}
    </p>
  );
}

/** Tells the server how far the agent has read: only his own conversation, and only what he could see. */
function useRead(opened: Opened, me: string, atEnd: React.RefObject<boolean>, newest: number) {
  const c = opened.conversation;
  const told = useRef(c.agent_seq);
  useEffect(() => {
    if (c.agent_id !== me || newest <= told.current) return;
    const tell = () => {
      if (document.visibilityState !== "visible" || !atEnd.current || newest <= told.current) return;
      told.current = newest;
      api.post(`/api/conversations/${c.id}/read`, { seq: newest }).catch(() => {
        told.current = 0;
      });
    };
    const timer = setTimeout(tell, 600);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [newest, c.id, c.agent_id, me, atEnd]);
}

function useOlder(opened: Opened, box: React.RefObject<HTMLDivElement | null>) {
  const id = opened.conversation.id;
  const first = opened.events.find((e) => e.seq)?.seq ?? 0;
  const [state, setState] = useState<"idle" | "busy" | "end">("idle");
  const before = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    // What came above must not move what is being read.
    const el = box.current;
    if (el && before.current !== undefined) el.scrollTop += el.scrollHeight - before.current;
    before.current = undefined;
  }, [first, box]);
  const more = first > 1 && state !== "end";
  const load = () => {
    if (!more || state === "busy") return;
    setState("busy");
    api
      .get<Page<Event>>(`/api/conversations/${id}/events`, { before: first, limit: 100 })
      .then((page) => {
        before.current = box.current?.scrollHeight;
        client.setQueryData<Opened>(conversationQuery(id).queryKey, (o) => o && page.items.reduce(apply, o));
        setState(page.items.length ? "idle" : "end");
      })
      .catch(() => setState("idle"));
  };
  return { more, busy: state === "busy", load };
}
