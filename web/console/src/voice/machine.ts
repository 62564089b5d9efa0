// How the phone in this browser stands, as a table: what follows what. The
// softphone carries it out; here nothing happens.

export type PhoneState = "off" | "asking" | "connecting" | "ready" | "waiting";

/** Why it is not ready. */
export type Problem = "mic_denied" | "mic_missing" | "mic_busy" | "insecure" | "network" | "server";

export interface Phone {
  state: PhoneState;
  problem?: Problem;
  /** How often in a row it could not be made. */
  failures: number;
}

export type PhoneEvent =
  | { kind: "use" } // the agent wants to use this browser
  | { kind: "allowed" } // the microphone is there and may be used
  | { kind: "refused"; problem: Problem } // it is not
  | { kind: "connected" }
  | { kind: "lost"; problem: Problem } // the connection could not be made, or broke
  | { kind: "again" } // the time to try again has come
  | { kind: "stop" };

export const off: Phone = { state: "off", failures: 0 };

export function step(now: Phone, e: PhoneEvent): Phone {
  switch (e.kind) {
    case "stop":
      return off;
    case "use":
      return now.state === "off" ? { state: "asking", failures: 0 } : now;
    case "allowed":
      return now.state === "asking" ? { ...now, state: "connecting", problem: undefined } : now;
    case "refused":
      // A microphone that is missing may be plugged in; one that is refused needs the agent.
      return now.state === "off" ? now : { state: "waiting", problem: e.problem, failures: now.failures };
    case "connected":
      return now.state === "connecting" ? { state: "ready", failures: 0 } : now;
    case "lost":
      return now.state === "connecting" || now.state === "ready" ? { state: "waiting", problem: e.problem, failures: now.failures + 1 } : now;
    case "again":
      return now.state === "waiting" ? { ...now, state: "asking" } : now;
  }
}

const FIRST = 500;
const CAP = 30_000;

/** How long to wait before the next try; undefined when only the agent can help. */
export function pause(p: Phone, random = Math.random()): number | undefined {
  if (p.state !== "waiting" || p.problem === "mic_denied" || p.problem === "mic_missing" || p.problem === "insecure") return undefined;
  return Math.min(CAP, FIRST * 2 ** Math.max(0, p.failures - 1)) * (0.5 + random / 2);
}

/** What a browser's refusal of a microphone or camera means. */
export function refusal(err: unknown): Problem {
  switch ((err as { name?: string } | null)?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "mic_denied";
    case "NotReadableError":
    case "AbortError":
      return "mic_busy";
    default:
      return "mic_missing";
  }
}
