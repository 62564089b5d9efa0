import type { ID, InboxRow } from "../api/types";
import { instant } from "../lib/time";
import type { Meaning } from "../ui/state";

export type Turn = "yours" | "agents" | "customers" | "waiting" | "offered" | "bots" | "parked" | "closed";

/** Whose move it is. */
export function turn(r: InboxRow, me: ID): Turn {
  switch (r.status) {
    case "waiting":
      return "waiting";
    case "offered":
      return "offered";
    case "automated":
      return "bots";
    case "parked":
      return "parked";
    case "closed":
      return "closed";
    case "assigned":
      // Once a person has it the bot is silent: what it said last was the handing over, and the customer waits.
      if (r.preview_by === "agent") return "customers";
      return r.agent?.id === me ? "yours" : "agents";
  }
}

/** Since when somebody waits for us; undefined when nobody does. */
export function waitsSince(r: InboxRow, t: Turn): string | undefined {
  if (t === "waiting" || t === "offered") return instant(r.waiting_since) ? r.waiting_since : r.last_at;
  if (t === "yours" || t === "agents") return r.last_at;
  return undefined;
}

// A chat is a conversation, a letter is not.
const patience: Record<string, [number, number]> = { email: [4 * 3600, 24 * 3600], voice: [30, 120] };

/** How bad it is that somebody has waited so long. */
export function urgency(channel: string, seconds: number): Meaning {
  const [warn, breach] = patience[channel] ?? [180, 600];
  return seconds >= breach ? "breach" : seconds >= warn ? "warning" : "waiting";
}
