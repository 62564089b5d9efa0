import type { Peaks, Span } from "./types";

// The pure part of the player: what is drawn where, and where a key leads.

export interface Bar {
  /** From the left, 0 to 1. */
  x: number;
  left: number;
  right: number;
  /** Nothing was recorded here. */
  gap: boolean;
}

/** n bars of a recording; each is the loudest of what it stands for. */
export function bars(p: Peaks, n: number, seconds: number, pauses: Span[] = []): Bar[] {
  const length = Math.max(p.left.length, p.right.length);
  const most = (side: number[], from: number, to: number) => {
    let m = 0;
    for (let i = from; i < to; i++) m = Math.max(m, Math.abs(side[i] ?? 0));
    return Math.min(1, m);
  };
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * length) / n);
    const to = Math.max(from + 1, Math.floor(((i + 1) * length) / n));
    const at = ((i + 0.5) / n) * seconds;
    const gap = pauses.some((s) => at >= s.from && at < s.to);
    return { x: i / n, left: gap ? 0 : most(p.left, from, to), right: gap ? 0 : most(p.right, from, to), gap };
  });
}

/** The loudest of each of n stretches of samples. */
export function peaksOf(samples: ArrayLike<number>, n: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * samples.length) / n);
    const to = Math.floor(((i + 1) * samples.length) / n);
    let m = 0;
    for (let j = from; j < to; j++) m = Math.max(m, Math.abs(samples[j]));
    return m;
  });
}

export const speeds = [1, 1.25, 1.5, 2] as const;
export const faster = (now: number): number => speeds[(speeds.indexOf(now as 1) + 1) % speeds.length];

/** Where a key leads from at; undefined when it leads nowhere. */
export function seekBy(key: string, at: number, seconds: number): number | undefined {
  const to = { ArrowLeft: at - 5, ArrowDown: at - 5, ArrowRight: at + 5, ArrowUp: at + 5, PageUp: at + 30, PageDown: at - 30, Home: 0, End: seconds }[key];
  return to === undefined ? undefined : Math.min(seconds, Math.max(0, to));
}
