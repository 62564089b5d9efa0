import type { Event, Mark, Message, StatusChange } from "../api/types";
import { instant } from "../lib/time";
import { type PastCall, pastCalls } from "../voice/ended";
import type { Recording } from "../voice/types";
import { isLink } from "../voice/written";

// The thread as it is read: messages with their neighbours, bot steps folded
// into one line, changes of status and calls as a line, recordings where they
// ended, days between.

export type Item =
  | { kind: "day"; key: string; at: string }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean }
  | { kind: "steps"; key: string; marks: Mark[]; at: string }
  | { kind: "status"; key: string; change: StatusChange; at: string }
  | { kind: "call"; key: string; mark: Mark; call?: PastCall; at: string }
  | { kind: "recording"; key: string; recording: Recording; at: string }
  | { kind: "link"; key: string; message: Message; at: string };

/** Marks that are news of their own, not steps of the bot. */
const aside = new Set(["call", "callback", "voicemail", "verified", "abandoned"]);

/** Messages of one author within this time stand together. */
const TOGETHER = 3 * 60_000;

export function timeline(events: Event[], recordings: Recording[] = []): Item[] {
  const items: Item[] = [];
  const calls = pastCalls(events);
  // A voicemail is a message of its own; there it is played.
  let pending = recordings.filter((r) => r.kind === "call").map((r) => ({ r, end: instant(r.at) + r.seconds * 1000 }));
  const play = (due: (x: (typeof pending)[number]) => boolean) => {
    for (const { r } of pending.filter(due)) items.push({ kind: "recording", key: `r${r.id}`, recording: r, at: r.at });
    pending = pending.filter((x) => !due(x));
  };
  let day = "";
  let previous: Extract<Item, { kind: "message" }> | undefined;
  let steps: Extract<Item, { kind: "steps" }> | undefined;
  for (const e of events) {
    if (e.kind !== "message" && e.kind !== "mark" && e.kind !== "status") continue;
    if (e.kind === "status" && hidden(e.data)) continue;
    const d = new Date(e.at).toDateString();
    if (d !== day) {
      day = d;
      previous = steps = undefined;
      items.push({ kind: "day", key: `d${d}`, at: e.at });
    }
    if (e.kind === "mark" && aside.has(e.data.kind)) {
      previous = steps = undefined;
      const m = e.data;
      const over = m.kind === "call" && m.value === "ended";
      items.push({ kind: "call", key: `c${e.seq}`, mark: m, call: over ? calls.find((c) => c.id === m.data?.call_id) : undefined, at: e.at });
      if (over) play(({ r }) => r.call_id === m.data?.call_id);
      continue;
    }
    if (e.kind === "mark") {
      if (steps) steps.marks.push(e.data);
      else items.push((steps = { kind: "steps", key: `s${e.seq}`, marks: [e.data], at: e.at }));
      continue;
    }
    steps = undefined;
    if (e.kind === "status") {
      previous = undefined;
      items.push({ kind: "status", key: `t${e.seq}`, change: e.data, at: e.at });
      continue;
    }
    const m = e.data;
    if (isLink(e)) {
      previous = undefined;
      items.push({ kind: "link", key: m.id, message: m, at: e.at });
      continue;
    }
    const joins = previous !== undefined && same(previous.message, m);
    if (joins && previous) previous.last = false;
    previous = { kind: "message", key: m.id, message: m, first: !joins, last: true };
    items.push(previous);
  }
  // Of a call whose end is not among the events that are loaded.
  const first = instant(events[0]?.at);
  play(({ end }) => end >= first && calls.every((c) => !c.ended));
  return items;
}

function same(a: Message, b: Message): boolean {
  return a.author.kind === b.author.kind && a.author.id === b.author.id && Boolean(a.private) === Boolean(b.private) && a.channel === b.channel && Date.parse(b.at) - Date.parse(a.at) < TOGETHER;
}

// The moves between two that matter: an offer comes before its acceptance, and
// that a caller hung up while waiting is a line of the call.
function hidden(c: StatusChange): boolean {
  return c.reason === "offered" || c.reason === "abandoned" || c.reason === "started" || (c.to === "offered" && !c.reason);
}

/** One thing the bot did, with what it was about. Several of the same sort are one. */
export interface Step {
  verb: "menu" | "started" | "noted" | "corrected" | "invalid" | "refused" | "offered" | "confirm" | "called" | "failed" | "completed" | "cancelled" | "paused" | "resumed" | "answered" | "clarify" | "steered" | "human";
  what: string[];
}

const plain = new Set(["menu", "started", "corrected", "invalid", "refused", "offered", "confirm", "called", "completed", "cancelled", "paused", "resumed", "answered", "clarify", "steered", "human"]);

/** What a run of marks comes to: "noted size, address; refused cappuccino". label gives a slot's name for people, where it is known. */
export function summary(marks: Mark[], label: (slot: string) => string | undefined = () => undefined): Step[] {
  const out: Step[] = [];
  const say = (verb: Step["verb"], what: string) => {
    const last = out.findLast((s) => s.verb === verb);
    if (!last) out.push({ verb, what: what ? [what] : [] });
    else if (what && !last.what.includes(what)) last.what.push(what);
  };
  for (const m of marks) {
    if (m.kind === "set") say("noted", label(m.slot ?? "") ?? words(m.slot));
    else if (m.kind === "result") {
      // A call that went well was said when it was made.
      if (m.value && m.value !== "ok") say("failed", `${words(m.data?.tool)} (${words(m.value)})`);
    } else if (plain.has(m.kind)) say(m.kind as Step["verb"], about(m, label));
  }
  // What was offered instead belongs to the refusal; menus passed through are not news beside real steps.
  const real = out.filter((s) => s.verb !== "menu");
  return real.length ? real.filter((s) => s.verb !== "offered" || !real.some((r) => r.verb === "refused")) : out;
}

function about(m: Mark, label: (slot: string) => string | undefined): string {
  switch (m.kind) {
    case "started":
    case "completed":
    case "cancelled":
    case "paused":
    case "resumed":
      return m.data?.title ?? words(m.flow);
    case "corrected":
    case "invalid":
      return label(m.slot ?? "") ?? words(m.slot);
    case "offered":
    case "clarify":
      return words(m.data?.options);
    case "confirm":
    case "steered":
      return "";
    default:
      return m.data?.title ?? words(m.value);
  }
}

/** A name of the files as words: order_coffee is "order coffee". */
export function words(name: string | undefined): string {
  return (name ?? "").replace(/[_-]+/g, " ");
}
