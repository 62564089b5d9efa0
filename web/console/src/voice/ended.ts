import type { Event, Mark, Opened } from "../api/types";
import { instant } from "../lib/time";
import type { CallNews } from "./types";

/** A call of the conversation as its marks tell it. */
export interface PastCall {
  id: string;
  began: string;
  ended?: string;
  cause?: string;
  seconds?: number;
}

/** The calls of a conversation, oldest first. */
export function pastCalls(events: Event[]): PastCall[] {
  const out: PastCall[] = [];
  for (const e of events) {
    if (e.kind !== "mark" || e.data.kind !== "call") continue;
    const m: Mark = e.data;
    const id = m.data?.call_id ?? "";
    if (m.value === "began") out.push({ id, began: e.at });
    else if (m.value === "ended") {
      let call = out.find((c) => c.id === id);
      if (!call) out.push((call = { id, began: "" }));
      call.ended = e.at;
      call.cause = m.data?.cause;
      if (call.began) call.seconds = Math.max(0, (instant(e.at) - instant(call.began)) / 1000);
    }
  }
  return out;
}

/** We called, and nobody answered. */
export const unanswered = (c: CallNews): boolean => c.state === "ended" && c.direction === "out" && !instant(c.answered);

/** The call that the agent has not written up yet: over, in a conversation that is still his. */
export function wrapUpOf(o: Opened, news: CallNews | undefined, me: string): PastCall | undefined {
  const c = o.conversation;
  if (c.agent_id !== me || c.status !== "assigned" || c.on_call || c.channel !== "voice" || c.callback) return undefined;
  const last = pastCalls(o.events).at(-1);
  if (last?.ended) return last;
  if (news?.state === "ended" && !unanswered(news)) return { id: news.call_id, began: news.answered ?? "", ended: news.since, cause: news.cause, seconds: instant(news.answered) ? (instant(news.since) - instant(news.answered)) / 1000 : undefined };
  return undefined;
}
