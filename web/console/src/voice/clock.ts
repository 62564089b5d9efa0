import { instant } from "../lib/time";
import type { CallNews } from "./types";

/** 0:07, 12:30, 1:02:30. */
export function mmss(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  return h > 0 ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** How long the call has been in its state; once over, how long it lasted. */
export function callTime(c: CallNews, now: number): number {
  const since = instant(c.since);
  if (c.state === "ended") {
    const from = instant(c.answered);
    return from && since ? Math.max(0, since - from) : 0;
  }
  return since ? Math.max(0, now - since) : 0;
}

/** Go's nanoseconds as milliseconds. */
export const millis = (ns: number | undefined): number => Math.round((ns ?? 0) / 1e6);
