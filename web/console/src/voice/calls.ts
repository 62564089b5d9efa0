import type { ID } from "../api/types";
import type { CallNews, LiveCall, Party } from "./types";

// The calls that this console knows of, by conversation. News come twice, late
// and out of order; what is over stays over.

export type Calls = Record<ID, CallNews>;

/** The calls after a piece of news. */
export function withNews(calls: Calls, conversation: ID, news: CallNews): Calls {
  const now = calls[conversation];
  if (now) {
    const same = now.call_id === news.call_id;
    if (same && now.state === "ended") return calls;
    // Older than what is known: it was overtaken on its way.
    if (same && news.state !== "ended" && (news.rev ?? 0) < (now.rev ?? 0)) return calls;
    // The end of an earlier call does not end the one that is up.
    if (!same && news.state === "ended" && now.state !== "ended") return calls;
  }
  return { ...calls, [conversation]: news };
}

/** Calls that the server does not list any more ended while nobody told us. */
export function withLive(calls: Calls, live: LiveCall[], mine: (c: CallNews) => boolean): Calls {
  let next = calls;
  for (const c of live) if (mine(c)) next = withNews(next, c.conversation_id, c);
  return next;
}

export const partyOf = (c: CallNews | undefined, agent: ID): Party | undefined => c?.parties?.find((p) => p.agent === agent);
export const upNow = (c: CallNews | undefined): c is CallNews => c !== undefined && c.state !== "ended";
export const consulted = (c: CallNews): Party | undefined => c.parties?.find((p) => p.role === "consult");
export const others = (c: CallNews, agent: ID): Party[] => (c.parties ?? []).filter((p) => p.agent !== agent && p.role !== "listener" && p.role !== "whisperer");
export const overhears = (p: Party | undefined): boolean => p?.role === "listener" || p?.role === "whisperer" || p?.role === "barger";

/** The call I am in, and its conversation: one that rings for me comes last. */
export function ownCall(calls: Calls, me: ID): { conversation: ID; call: CallNews; party: Party } | undefined {
  const found = Object.entries(calls).flatMap(([conversation, call]) => {
    const party = partyOf(call, me);
    return upNow(call) && party ? [{ conversation, call, party }] : [];
  });
  const rank = (p: Party) => (p.state === "ringing" && p.role !== "agent" ? 2 : overhears(p) ? 1 : 0);
  return found.sort((a, b) => rank(a.party) - rank(b.party))[0];
}

/** What can be done with the call now, by the one who asks. */
export interface Can {
  hold: boolean;
  mute: boolean;
  keys: boolean;
  reach: boolean;
  settle: boolean;
  record: boolean;
  leave: boolean;
  hangup: boolean;
  /** How somebody who was asked in gets out; the call goes on. */
  out?: "cancel" | "remove";
}

export function can(c: CallNews, me: ID): Can {
  const party = partyOf(c, me);
  const main = party === undefined || party.role === "agent";
  const talking = c.state === "talking" && party?.role === "agent" && party.state !== "ringing";
  const consult = consulted(c);
  const three = others(c, me).some((p) => p.role === "third" && p.state !== "ringing") && !consult;
  return {
    hold: talking && !consult,
    mute: talking || (c.state === "talking" && (party?.role === "consult" || party?.role === "third") && party.state !== "ringing"),
    keys: talking,
    reach: talking && !consult,
    settle: talking && consult !== undefined,
    record: talking,
    leave: talking && three,
    hangup: upNow(c) && main,
    out: party?.role === "consult" ? "cancel" : party?.role === "third" ? "remove" : undefined,
  };
}
