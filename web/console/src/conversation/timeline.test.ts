import { describe, expect, it } from "vitest";
import type { Event, Mark, Message } from "../api/types";
import { summary, timeline } from "./timeline";

let seq = 0;
const at = (min: number) => new Date(2026, 4, 4, 9, min).toISOString();
const mark = (m: Mark, min = 0): Event => ({ conversation_id: "c", seq: ++seq, kind: "mark", data: m, at: at(min) });
const msg = (by: "customer" | "bot" | "agent", min = 0, extra: Partial<Message> = {}): Event => {
  const n = ++seq;
  return { conversation_id: "c", seq: n, kind: "message", at: at(min), data: { id: `m${n}`, conversation_id: "c", seq: n, author: { kind: by }, channel: "webchat", content: { text: "x" }, at: at(min), ...extra } };
};
const shape = (events: Event[]) => timeline(events).map((i) => (i.kind === "steps" ? `steps${i.marks.length}` : i.kind));

describe("timeline", () => {
  it("folds the steps between two messages into one line", () => {
    expect(shape([msg("customer"), mark({ kind: "started", flow: "f" }), mark({ kind: "set", slot: "a" }), msg("bot"), mark({ kind: "set", slot: "b" })])).toEqual(["day", "message", "steps2", "message", "steps1"]);
  });

  it("puts messages of one author together, but not a note beside a reply", () => {
    const items = timeline([msg("agent", 0), msg("agent", 1), msg("agent", 1, { private: true }), msg("agent", 9, { private: true })]);
    expect(items.flatMap((i) => (i.kind === "message" ? [[i.first, i.last]] : []))).toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  it("begins each day with its date", () => {
    const later = { ...msg("bot"), at: new Date(2026, 4, 5).toISOString() } as Event;
    expect(shape([msg("bot"), later])).toEqual(["day", "message", "day", "message"]);
  });

  it("shows calls as lines of their own, and a recording where its call ended", () => {
    const events = [mark({ kind: "set", slot: "a" }), mark({ kind: "call", value: "began", data: { call_id: "k" } }), mark({ kind: "set", slot: "b" }), mark({ kind: "call", value: "ended", data: { call_id: "k" } }, 5), msg("agent", 6)];
    const recording = { id: "r", call_id: "k", conversation_id: "c", kind: "call" as const, at: at(1), seconds: 200 };
    expect(timeline(events, [recording, { ...recording, id: "v", kind: "voicemail" as const }]).map((i) => i.kind)).toEqual(["day", "steps", "call", "steps", "call", "recording", "message"]);
    const over = timeline(events)[4];
    expect(over.kind === "call" && over.call?.seconds).toBe(300);
  });

  it("leaves out what only routing cares about", () => {
    const status = (reason: string): Event => ({ conversation_id: "c", seq: ++seq, kind: "status", at: at(0), data: { from: "waiting", to: "assigned", reason } });
    expect(shape([status("offered"), status("accepted")])).toEqual(["day", "status"]);
  });
});

describe("summary", () => {
  it("joins slots and drops the offer that a refusal made", () => {
    expect(
      summary([
        { kind: "menu", value: "main" },
        { kind: "started", flow: "order_coffee" },
        { kind: "set", slot: "size" },
        { kind: "set", slot: "address" },
        { kind: "refused", slot: "drink", value: "cappuccino" },
        { kind: "offered", data: { options: "latte, americano" } },
      ]),
    ).toEqual([
      { verb: "started", what: ["order coffee"] },
      { verb: "noted", what: ["size", "address"] },
      { verb: "refused", what: ["cappuccino"] },
    ]);
  });

  it("calls slots by the names that people know", () => {
    expect(summary([{ kind: "set", slot: "size" }, { kind: "set", slot: "note" }, { kind: "corrected", slot: "size" }], (s) => (s === "size" ? "杯型" : undefined))).toEqual([
      { verb: "noted", what: ["杯型", "note"] },
      { verb: "corrected", what: ["杯型"] },
    ]);
  });

  it("calls flows and articles by their titles", () => {
    expect(summary([{ kind: "started", flow: "order_coffee", data: { title: "点咖啡" } }, { kind: "answered", value: "opening-hours", data: { title: "营业时间" } }])).toEqual([
      { verb: "started", what: ["点咖啡"] },
      { verb: "answered", what: ["营业时间"] },
    ]);
  });

  it("says nothing of a call that went well beyond that it was made, and why one failed", () => {
    expect(summary([{ kind: "called", value: "place_order" }, { kind: "result", value: "ok" }])).toEqual([{ verb: "called", what: ["place order"] }]);
    expect(summary([{ kind: "called", value: "t" }, { kind: "result", value: "timeout", data: { tool: "t" } }])[1]).toEqual({ verb: "failed", what: ["t (timeout)"] });
  });

  it("shows a menu when that is all that happened, and passes over marks it does not know", () => {
    expect(summary([{ kind: "menu", value: "shop" }])).toEqual([{ verb: "menu", what: ["shop"] }]);
    expect(summary([{ kind: "brand_new" }])).toEqual([]);
  });
});
