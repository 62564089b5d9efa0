import i18next from "i18next";
import { useSyncExternalStore } from "react";

const locale = () => (i18next.language === "zh" ? "zh-CN" : "en-GB");

// The server leaves zero times out; a zero that slips through means none.
export function instant(at: string | undefined | null): number {
  if (!at || at.startsWith("0001-")) return 0;
  const t = Date.parse(at);
  return Number.isNaN(t) ? 0 : t;
}

/** "45s", "12m", "3h 05m", "2d": how long, in no more than two units. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return i18next.t("time.s", { n: s });
  const m = Math.floor(s / 60);
  if (m < 60) return i18next.t("time.m", { n: m });
  const h = Math.floor(m / 60);
  if (h < 24) return h < 10 ? i18next.t("time.hm", { h, m: String(m % 60).padStart(2, "0") }) : i18next.t("time.h", { n: h });
  return i18next.t("time.d", { n: Math.floor(h / 24) });
}

export function clock(at: string | undefined): string {
  const t = instant(at);
  return t ? new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(t) : "";
}

/** The time today, the day otherwise. */
export function short(at: string | undefined, now = Date.now()): string {
  const t = instant(at);
  if (!t) return "";
  const day = (n: number) => new Date(n).toDateString();
  if (day(t) === day(now)) return clock(at);
  const sameYear = new Date(t).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", year: sameYear ? undefined : "numeric" }).format(t);
}

export function full(at: string | undefined): string {
  const t = instant(at);
  return t ? new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long" }).format(t) : "";
}

export function dayAndTime(at: string | undefined): string {
  const t = instant(at);
  return t ? new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(t) : "";
}

export function dayOf(at: string): string {
  return new Intl.DateTimeFormat(locale(), { weekday: "long", day: "numeric", month: "long" }).format(instant(at));
}

export function number(n: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(n);
}

export function percent(n: number, digits = 0): string {
  return number(n, { style: "percent", maximumFractionDigits: digits });
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  return n < 1024 * 1024 ? `${number(n / 1024, { maximumFractionDigits: 0 })} KB` : `${number(n / 1024 / 1024, { maximumFractionDigits: 1 })} MB`;
}

// One clock for every waiting time on the screen, so that they tick together.
let tick = Math.floor(Date.now() / 1000) * 1000;
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(f: () => void) {
  watchers.add(f);
  timer ??= setInterval(() => {
    tick = Math.floor(Date.now() / 1000) * 1000;
    for (const w of watchers) w();
  }, 1000);
  return () => {
    watchers.delete(f);
    if (watchers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time now, to the second; the component draws again each second. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => tick);
}
