import { describe, expect, it } from "vitest";
import { complete, findOption, follow, fromYaml, happened, rowsOf, tapName, tidy, toYaml, withRow } from "./suite";
import type { Expect } from "./types";

const ordered = [
  { kind: "started", flow: "order" },
  { kind: "set", flow: "order", slot: "size", value: "large" },
  { kind: "set", flow: "order", slot: "phone", value: "•••" },
  { kind: "offered", flow: "order", slot: "payment", data: { options: "online, cash" } },
];

describe("what happened", () => {
  it("is offered as expectations, without secrets", () => {
    expect(happened({ marks: ordered, messages: [], asking: "payment", status: "automated" }, [])).toEqual([
      { key: "flow", value: "order" },
      { key: "slots.size", value: "large" },
      { key: "asking", value: "payment" },
    ]);
  });
  it("keeps to the flow that it ends in, and knows what a flow knew that has ended", () => {
    const before = follow([], ordered);
    const rows = happened({ marks: [{ kind: "set", flow: "order", slot: "size", value: "small" }, { kind: "called", value: "place", data: { size: "small" } }, { kind: "completed", flow: "order" }], messages: [], status: "automated" }, before);
    expect(rows).toEqual([
      { key: "flow", value: "order" },
      { key: "slots.size", value: "small" },
      { key: "completed", value: "order" },
      { key: "called.place", value: "" },
      { key: "called.place.size", value: "small" },
    ]);
  });
  it("says who takes over, and what was offered in place of what was refused", () => {
    expect(happened({ marks: [{ kind: "human", value: "asked" }], messages: [], queue: "support", asking: "x", status: "waiting" }, [])).toEqual([{ key: "handed_over", value: "support" }]);
    expect(happened({ marks: [{ kind: "refused", flow: "order", slot: "drink" }, { kind: "offered", data: { options: "latte" } }], messages: [], status: "automated" }, [{ flow: "order", slots: {} }])).toEqual([
      { key: "flow", value: "order" },
      { key: "refused", value: "drink" },
      { key: "offered", value: "latte" },
    ]);
  });
});

describe("expectations", () => {
  it("are set and taken away one by one", () => {
    let e: Expect = {};
    const put: [string, string][] = [["flow", "order"], ["slots.size", "large"], ["called.place.size", "large"], ["said", "thank you"], ["said", "soon"], ["not_said", "sorry"], ["confirming", "true"], ["offered", "a, b"]];
    for (const [k, v] of put) e = withRow(e, k, v);
    expect(e).toEqual({ flow: "order", slots: { size: "large" }, called: { place: { size: "large" } }, said: ["thank you", "soon"], not_said: ["sorry"], confirming: true, offered: ["a", "b"] });
    for (const r of rowsOf(e).toReversed()) e = withRow(e, r.key, undefined);
    expect(e).toEqual({});
  });
  it("can be of nothing: no flow, no tool, nothing known", () => {
    expect(rowsOf({ flow: "", called: {}, slots: { size: "" } })).toEqual([{ key: "flow", value: "" }, { key: "slots.size", value: "" }, { key: "called", value: "" }]);
  });
});

describe("taps", () => {
  it("are called by what they lead to, and found again", () => {
    const option = { id: "o1", key: "1", label: "Online", pick: { verb: "answer", slot: "payment", value: "online" } };
    expect(tapName(option.pick, option.label)).toBe("online");
    expect(tapName({ verb: "confirm" }, "Yes")).toBe("confirm");
    const edit = { id: "e1", label: "Change", pick: { verb: "edit", slot: "size" } };
    const said = [{ options: [option] }, { card: { title: "", lines: [{ label: "Size", value: "large", edit }] } }];
    expect([findOption(said, "online"), findOption(said, "ONLINE"), findOption(said, "edit:size"), findOption(said, "1"), findOption(said, "x")]).toEqual([option, option, edit, option, undefined]);
  });
});

describe("files", () => {
  it("come back from their text as they were", () => {
    const f = tidy({ suite: "", now: "2026-03-02T10:00", cases: [{ name: " a ", lang: "zh", tags: [], turns: [{ user: "你好", expect: { said: [""] } }, { tap: "cash", expect: {} }] }] });
    expect(f.cases[0]).toMatchObject({ name: "a", turns: [{ user: "你好", expect: { said: [""] } }, { tap: "cash" }] });
    expect(tidy(fromYaml(toYaml(f))!)).toEqual(f);
  });
  it("may write one word for a list and a number for a word", () => {
    expect(fromYaml("suite: x\ncases:\n  - {tags: may_fail, turns: [{user: 1001, expect: {said: hello, slots: {n: 3}}}]}")?.cases[0]).toMatchObject({ tags: ["may_fail"], turns: [{ user: "1001", expect: { said: ["hello"], slots: { n: "3" } } }] });
    expect(fromYaml("cases: [")).toBeUndefined();
    expect(fromYaml("suite: x")).toBeUndefined();
  });
  it("can be played once they expect something", () => {
    expect(complete({ turns: [{ user: "hi" }] })).toBe(false);
    expect(complete({ turns: [{ user: "hi", expect: { steered: true } }] })).toBe(true);
    expect(complete({ customer: { goal: { ask: "open?" } } })).toBe(false);
    expect(complete({ customer: { goal: { flow: "order" } } })).toBe(true);
  });
});
