import type { ID, Lang } from "../api/types";

export interface Line {
  text?: string;
  menu?: string;
  options?: string[];
  card?: string[];
}
export interface Turn {
  user?: string;
  tap?: string;
  line: number;
  bot?: Line[];
  marks?: string[];
  problems?: { key: string; got: string; want: string }[];
}
export interface CaseResult {
  suite: string;
  name: string;
  lang: Lang;
  file: string;
  line: number;
  runs: number;
  passes: number;
  took_ns: number;
  playing: { turns: Turn[] | null; error?: string };
}
export interface Report {
  playbook?: string;
  revision?: number;
  started_at: string;
  took_ns: number;
  repeat: number;
  cases: number;
  passed: number;
  failed: number;
  flaky: number;
  turns: number;
  pass_hat?: { k: number; rate: number }[] | null;
  langs?: { lang: Lang; cases: number; passed: number }[] | null;
  suites: { name: string; file: string; passed: number; failed: number; took_ns: number; cases: CaseResult[] | null }[];
}

/** A run, under way or done. */
export interface Run {
  id: ID;
  playbook: string;
  revision: number;
  repeat: number;
  status: "running" | "done" | "broken";
  at: string;
  by: string;
  finished_at?: string;
  done: number;
  total: number;
  passed: number;
  failed: number;
  error?: string;
  report?: Report | null;
}

/** The report in an answer, whether it stands alone or in something; undefined when there is none. */
export function readReport(x: unknown): Report | undefined {
  const r = x as (Report & { report?: Report }) | undefined | null;
  if (!r || typeof r !== "object") return undefined;
  if (Array.isArray(r.suites)) return r;
  return r.report && Array.isArray(r.report.suites) ? r.report : undefined;
}

/** Still under way? */
export function running(r: Run): boolean {
  return r.status === "running";
}

/** The share of cases that passed, 0 to 1; undefined while there is none. */
export function rate(r: { passed: number; failed: number }): number | undefined {
  const all = r.passed + r.failed;
  return all > 0 ? r.passed / all : undefined;
}

/** Every case that failed at least once, the worst first. */
export function failures(r: Report): CaseResult[] {
  return r.suites.flatMap((s) => s.cases ?? []).filter((c) => c.passes < c.runs || c.runs === 0).sort((a, b) => a.passes / Math.max(1, a.runs) - b.passes / Math.max(1, b.runs));
}

/** What differs from an earlier report: cases that began to fail, and that began to pass. */
export function change(now: Report, before: Report): { broke: CaseResult[]; mended: CaseResult[] } {
  const key = (c: CaseResult) => `${c.suite}/${c.name}/${c.lang}`;
  const ok = (c: CaseResult) => c.runs > 0 && c.passes === c.runs;
  const was = new Map(before.suites.flatMap((s) => s.cases ?? []).map((c) => [key(c), ok(c)]));
  const all = now.suites.flatMap((s) => s.cases ?? []);
  return { broke: all.filter((c) => !ok(c) && was.get(key(c)) === true), mended: all.filter((c) => ok(c) && was.get(key(c)) === false) };
}
