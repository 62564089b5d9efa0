import { describe, expect, it } from "vitest";
import { failures, mark, pick, plain, rate, scenarioOf, wrongTurn } from "./report";
import type { CaseResult, Report } from "./types";

const one = (name: string, passes: number, runs = 1, more: Partial<CaseResult> = {}): CaseResult => ({ suite: "menus", name, key: name, lang: "en", file: "tests/menus.yaml", line: 1, runs, passes, took_ns: 1, playing: { turns: [] }, ...more });
const report = (...cases: CaseResult[]) => ({ suites: [{ name: "menus", file: "", passed: 0, failed: 0, took_ns: 0, cases }] }) as unknown as Report;

describe("reports", () => {
  it("put what stands in the way first, then the worst", () => {
    const r = report(one("may", 0, 1, { tags: ["may_fail"] }), one("sometimes", 2, 3), one("good", 1), one("never", 0, 3), one("skipped", 0, 0, { skipped: "no_model" }));
    expect(failures(r).map((c) => c.name)).toEqual(["never", "sometimes", "may"]);
  });
  it("know their rate, and that nothing has none", () => {
    expect(rate({ passed: 3, failed: 1 })).toBe(0.75);
    expect(rate({ passed: 0, failed: 0 })).toBeUndefined();
  });
  it("are narrowed by suite, language, mode, tag and outcome", () => {
    const cases = [one("a", 0), one("b", 1, 3, { lang: "zh", mode: "keys" }), one("c", 1, 1, { tags: ["slow"] })];
    const names = (f: object) => pick(cases, { show: "all", ...f }).map((c) => c.name).join("");
    expect([names({}), names({ show: "failed" }), names({ show: "flaky" }), names({ lang: "zh" }), names({ mode: "keys" }), names({ tag: "slow" }), names({ suite: "x" })]).toEqual(["abc", "ab", "b", "b", "b", "c", ""]);
  });
  it("say where a transcript went wrong", () => {
    const turn = { line: 1 };
    expect(wrongTurn(one("x", 0, 1, { playing: { turns: [turn, { line: 2, problems: [{ key: "flow", got: "none", want: '"a"' }] }] } }))).toBe(1);
    expect(wrongTurn(one("x", 0, 1, { playing: { turns: [turn, turn], error: "took too long" } }))).toBe(1);
    expect(wrongTurn(one("x", 1, 1, { playing: { turns: [turn] } }))).toBeUndefined();
  });
  it("are read: marks, values, scenarios", () => {
    expect(mark("set order_coffee.size=large")).toEqual({ kind: "set", flow: "order_coffee", slot: "size", value: "large", data: undefined });
    expect(mark("offered order_coffee.payment [online, cash]")).toMatchObject({ kind: "offered", slot: "payment", data: { options: "online, cash" } });
    expect(mark("menu=main")).toMatchObject({ kind: "menu", value: "main" });
    expect(mark("steered")).toMatchObject({ kind: "steered" });
    expect(mark("set a.b=two\nlines")).toMatchObject({ kind: "set", slot: "b", value: "two\nlines" });
    expect([plain('"large"'), plain("none"), plain('"a \\"b\\""')]).toEqual(["large", "none", 'a "b"']);
    expect([scenarioOf("scenario 0198"), scenarioOf("menus")]).toEqual(["0198", undefined]);
  });
});
