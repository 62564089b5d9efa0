import type { Mark } from "../api/types";
import type { CaseResult, Cost, Report, Run, Trouble } from "./types";

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

export const passed = (c: CaseResult) => c.runs > 0 && c.passes === c.runs;
export const failed = (c: CaseResult) => !c.skipped && !passed(c);
export const flaky = (c: CaseResult) => c.passes > 0 && c.passes < c.runs;
export const mayFail = (c: CaseResult) => c.tags?.includes("may_fail") ?? false;

export const tokensOf = (c: Cost | undefined) => (c ? c.prompt_tokens + c.completion_tokens : 0);

export const allCases = (r: Report): CaseResult[] => r.suites.flatMap((s) => s.cases ?? []);

/** Every case that failed at least once: what stands in the way first, then the worst. */
export function failures(r: Report): CaseResult[] {
  const share = (c: CaseResult) => c.passes / Math.max(1, c.runs);
  return allCases(r).filter(failed).sort((a, b) => Number(mayFail(a)) - Number(mayFail(b)) || share(a) - share(b));
}

/** The case, whatever the run it is in. */
export const caseKey = (c: { suite: string; name: string; mode?: string }) => `${c.suite}\n${c.name}\n${c.mode ?? ""}`;

/** The scenario that a suite is made of; undefined for a file of the playbook. */
export function scenarioOf(suite: string): string | undefined {
  return suite.startsWith("scenario ") ? suite.slice("scenario ".length) : undefined;
}

/** A mark of a report, "set order_coffee.size=large [small, large]", in its parts. */
export function mark(line: string): Mark {
  const [, kind, flow, slot, value, options] = /^(\w+)(?: ([\w-]*)(?:\.([\w-]+))?)?(?:=(.*?))?(?: \[(.*)\])?$/s.exec(line) ?? [];
  return { kind: kind ?? line, flow, slot, value, data: options ? { options } : undefined };
}

/** Where a transcript went wrong first: a turn's number; undefined when it did not. */
export function wrongTurn(c: CaseResult): number | undefined {
  const turns = c.playing.turns ?? [];
  const i = turns.findIndex((t) => t.problems?.length);
  if (i >= 0) return i;
  return c.playing.error && turns.length ? turns.length - 1 : undefined;
}

/** The first thing that did not hold. */
export function firstTrouble(c: CaseResult): Trouble | undefined {
  return c.playing.turns?.flatMap((t) => t.problems ?? [])[0];
}

/** A value of a report as people write it: without the quotes that keep it apart there. */
export function plain(v: string): string {
  if (!/^".*"$/s.test(v)) return v;
  try {
    return JSON.parse(v) as string;
  } catch {
    return v.slice(1, -1);
  }
}

export interface Filter {
  suite?: string;
  lang?: string;
  mode?: string;
  tag?: string;
  show: "failed" | "flaky" | "all";
}

export function pick(cases: CaseResult[], f: Filter): CaseResult[] {
  return cases.filter(
    (c) =>
      (!f.suite || c.suite === f.suite) &&
      (!f.lang || c.lang === f.lang) &&
      (!f.mode || c.mode === f.mode) &&
      (!f.tag || (c.tags?.includes(f.tag) ?? false)) &&
      (f.show === "all" || (f.show === "flaky" ? flaky(c) : failed(c))),
  );
}
