import { expect, it } from "vitest";
import { type CaseResult, change, failures, rate, type Report, readReport } from "./report";

const one = (name: string, passes: number, runs = 4): CaseResult => ({ suite: "s", name, lang: "en", file: "f", line: 1, runs, passes, took_ns: 1, playing: { turns: [] } });
const report = (...cases: CaseResult[]): Report => ({ started_at: "", took_ns: 1, repeat: 4, cases: cases.length, passed: 0, failed: 0, flaky: 0, turns: 0, suites: [{ name: "s", file: "f", passed: 0, failed: 0, took_ns: 1, cases }] });

it("finds the report alone, inside something, or not at all", () => {
  const r = report();
  expect(readReport(r)).toBe(r);
  expect(readReport({ id: "1", report: r })).toBe(r);
  expect(readReport({ id: "1" })).toBeUndefined();
  expect(readReport(null)).toBeUndefined();
});

it("lists failures, the worst first", () => {
  expect(failures(report(one("a", 4), one("b", 3), one("c", 0))).map((c) => c.name)).toEqual(["c", "b"]);
});

it("says what broke and what was mended", () => {
  const c = change(report(one("a", 4), one("b", 1), one("new", 0)), report(one("a", 2), one("b", 4)));
  expect([c.broke.map((x) => x.name), c.mended.map((x) => x.name)]).toEqual([["b"], ["a"]]);
});

it("counts nothing as no rate", () => {
  expect(rate({ passed: 0, failed: 0 })).toBeUndefined();
  expect(rate({ passed: 3, failed: 1 })).toBe(0.75);
});
