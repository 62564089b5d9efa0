import { describe, expect, it } from "vitest";
import type { Event, Mark } from "../api/types";
import { learnt } from "./hears";
import { heardBeyond, heardUpTo, plainText } from "./plain";

it("reads Markdown as it is spoken", () => {
  expect(plainText("## Hours\n\n- **Weekdays** from 7\n- [More](https://x.example)")).toBe("Hours Weekdays from 7 More");
});

it("reads a table row by row", () => {
  expect(plainText("Open:\n\n| Shop | Hours |\n|---|---|\n| **Anfu** | 7 to 9 |\n\nCome in.")).toBe("Open: Shop, Hours; Anfu, 7 to 9; Come in.");
});

describe("how much was heard", () => {
  it("is found by what is said, not by how it is written", () => {
    const text = "Your order **A17** is on its way.";
    expect(text.slice(0, heardUpTo(text, "your order A17"))).toBe("Your order **A17");
    const zh = "您的订单，正在路上。";
    expect(zh.slice(0, heardUpTo(zh, "您的订单 正在"))).toBe("您的订单，正在");
  });
  it("is nothing when it was interrupted before the first word", () => {
    expect(heardUpTo("Hello", "…")).toBe(0);
  });
  it("is not guessed when the words are others", () => {
    expect(heardUpTo("It costs 4.80", "It costs four")).toBeUndefined();
    expect(heardUpTo("Hi", "Hi there")).toBeUndefined();
  });
});

describe("what the bot has learnt", () => {
  let seq = 0;
  const mark = (m: Mark): Event => ({ conversation_id: "c", seq: ++seq, kind: "mark", data: m, at: "2026-05-04T09:00:00Z" });
  it("is the newest value of each slot of the flow that is under way", () => {
    const events = [mark({ kind: "started", flow: "a" }), mark({ kind: "set", flow: "a", slot: "size", value: "small" }), mark({ kind: "corrected", flow: "a", slot: "size", value: "large" }), mark({ kind: "set", flow: "a", slot: "to", value: "Elm" })];
    expect(learnt(events)).toEqual([{ slot: "size", value: "large" }, { slot: "to", value: "Elm" }]);
    expect(learnt([...events, mark({ kind: "completed", flow: "a" })])).toEqual([]);
    expect(learnt([...events, mark({ kind: "started", flow: "b" }), mark({ kind: "set", slot: "n", value: "7" })])).toEqual([{ slot: "n", value: "7" }]);
  });
});

it("knows a text that was heard whole from one that was cut short", () => {
  expect(heardBeyond("How can we **help**?", "How can we help? Order a coffee, press one.")).toBe(true);
  expect(heardBeyond("How can we help?", "How can we")).toBe(false);
  expect(heardBeyond("", "Order a coffee")).toBe(false);
});
