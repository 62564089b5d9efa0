import type { InfiniteData } from "@tanstack/react-query";
import { api } from "../api/client";
import { client, conversationQuery, countsQuery, type InboxKey, meQuery, offersQuery, PAGE } from "../api/queries";
import type { Agent, Event, ID, InboxRow, OfferCard, Opened, Page } from "../api/types";
import { apply, lastSeq, leavesGap } from "../conversation/apply";
import { type Change, mergeHead } from "../inbox/merge";
import { takeRun } from "../evals/live";
import { store } from "../lib/store";
import { catchUpCalls, takeNews } from "../voice/desk";
import { type Frame, Live, type LiveState, type Socket } from "./live";

// What comes over the line, brought into what the screens show.

export const connection = store<{ state: LiveState; since: number }>({ state: "connecting", since: Date.now() });
/** Who is typing, by conversation, until when. */
export const typists = store<Record<ID, { name: string; by: string; until: number }>>({});

const changes = new Map<ID, Change>();
let refresh: ReturnType<typeof setTimeout> | undefined;

export const live = new Live({
  open: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/ws`) as Socket,
  onFrame: take,
  // Since when it is up, or down: trying again is not a new outage.
  onState: (state) => connection.set((now) => ({ state, since: state === "online" || now.state === "online" ? Date.now() : now.since })),
  onResume: resume,
});

function take(f: Frame) {
  switch (f.type) {
    case "event":
      return event(f.event);
    case "inbox":
      changes.set(f.conversation_id, { status: f.status, queue: f.queue, agent_id: f.agent_id });
      return soon();
    case "offer":
      client.setQueryData(offersQuery.queryKey, (now: OfferCard[] = []) => [...now.filter((o) => o.offer.id !== f.offer.id), f]);
      return;
    case "offer_closed":
      client.setQueryData(offersQuery.queryKey, (now: OfferCard[] = []) => now.filter((o) => o.offer.id !== f.id));
      return soon();
    case "presence":
      client.setQueryData(["agents"], (now: Agent[] | undefined) => now?.map((a) => (a.id === f.agent.id ? { ...a, ...f.agent } : a)));
      client.setQueryData(meQuery.queryKey, (me) => (me && me.agent?.id === f.agent.id ? { ...me, agent: { ...me.agent, ...f.agent } } : me));
      return;
    case "eval_run":
      return takeRun(f.run);
    case "call":
      return takeNews(f.conversation_id, f.call);
    case "suggestions":
      client.setQueryData(conversationQuery(f.conversation_id).queryKey, (o) => o && { ...o, suggestions: f.items ?? [] });
      return;
  }
}

function event(e: Event) {
  if (e.kind === "typing") {
    const id = e.conversation_id;
    typists.set((now) => {
      const next = { ...now };
      if (e.data.on) next[id] = { name: e.data.name ?? "", by: e.data.by, until: Date.now() + 6000 };
      else delete next[id];
      return next;
    });
    return;
  }
  if (e.kind === "call") takeNews(e.conversation_id, e.data);
  const key = conversationQuery(e.conversation_id).queryKey;
  const o = client.getQueryData<Opened>(key);
  if (!o) return;
  if (leavesGap(o, e)) void catchUp(e.conversation_id);
  client.setQueryData<Opened>(key, apply(o, e));
  if (e.kind === "message" && e.data.author.kind === "customer") {
    typists.set((now) => {
      const { [e.conversation_id]: _, ...rest } = now;
      return rest;
    });
    // What was proposed answered the message before this one.
    client.setQueryData<Opened>(key, (x) => x && { ...x, suggestions: (x.suggestions ?? []).filter((s) => s.message_id === e.data.id) });
  }
  // A call that began or ended, a promise to call back, an identity that was proved: the conversation is another.
  if (e.kind === "status" || (e.kind === "mark" && ["call", "callback", "verified"].includes(e.data.kind))) void client.invalidateQueries({ queryKey: key });
}

/** Fetches what lies between what the screen has and what the server has. */
async function catchUp(id: ID) {
  const key = conversationQuery(id).queryKey;
  const o = client.getQueryData<Opened>(key);
  if (!o) return;
  // The first missing number is behind the last one that follows without a gap.
  let after = o.events[0]?.seq ?? 0;
  for (const e of o.events) {
    if (!e.seq) continue;
    if (e.seq > after + 1) break;
    after = e.seq;
  }
  for (let round = 0; round < 20; round++) {
    const page = await api.get<Page<Event>>(`/api/conversations/${id}/events`, { after, limit: 200 });
    for (const e of page.items) client.setQueryData<Opened>(key, (x) => x && apply(x, e));
    const last = page.items.at(-1)?.seq;
    if (!last || last <= after || page.items.length < 200) return;
    after = last;
  }
}

function resume() {
  changes.clear();
  void client.invalidateQueries({ queryKey: ["inbox"] });
  for (const key of [countsQuery.queryKey, offersQuery.queryKey, ["queues"], ["agents"]]) void client.invalidateQueries({ queryKey: key });
  const me = client.getQueryData(meQuery.queryKey);
  if (me?.permissions.includes("voice.call")) void catchUpCalls(me.id);
}

/** Frames come in bursts; the list is asked once for all of them. */
function soon() {
  refresh ??= setTimeout(() => {
    refresh = undefined;
    void heads();
  }, 400);
}

async function heads() {
  const told = new Map(changes);
  changes.clear();
  void client.invalidateQueries({ queryKey: countsQuery.queryKey });
  void client.invalidateQueries({ queryKey: ["queues"] });
  const me = client.getQueryData(meQuery.queryKey)?.id ?? "";
  for (const q of client.getQueryCache().findAll({ queryKey: ["inbox"] })) {
    if (!q.isActive()) {
      client.removeQueries({ queryKey: q.queryKey, exact: true });
      continue;
    }
    const key = q.queryKey[1] as InboxKey;
    try {
      const head = await api.get<Page<InboxRow>>("/api/conversations", { ...key, limit: PAGE });
      client.setQueryData<InfiniteData<Page<InboxRow>, string>>(q.queryKey, (data) => {
        if (!data) return data;
        const pages = mergeHead(data.pages, head, key.tab, told, me);
        return { pages, pageParams: data.pageParams.slice(0, pages.length) };
      });
    } catch {
      // The next frame, or the reader's own refresh, asks again.
    }
  }
}

export function refreshInbox() {
  soon();
}

/** Keeps the open conversation up to date for as long as it is shown. */
export function follow(id: ID): () => void {
  const o = client.getQueryData<Opened>(conversationQuery(id).queryKey);
  live.watch(id, o ? lastSeq(o) : 0);
  return () => live.unwatch(id);
}

export function startLive(): () => void {
  live.start();
  const nudge = () => document.visibilityState === "visible" && live.nudge();
  window.addEventListener("online", nudge);
  document.addEventListener("visibilitychange", nudge);
  return () => {
    window.removeEventListener("online", nudge);
    document.removeEventListener("visibilitychange", nudge);
    live.stop();
  };
}
