import { describe, expect, it } from "vitest";
import type { Summary } from "./beside";
import { besides } from "./lines";

const summary = (...lines: [string, string][]) => ({ lines: lines.map(([kind, text]) => ({ kind, label: kind, text })) }) as Summary;
const kinds = (card: Parameters<typeof besides>[0], s?: Summary) => besides(card, s).map((l) => l.kind);

describe("besides", () => {
  const facts = [{ key: "size", label: "Size", value: "Large" }];
  it("leaves out what the card's facts say", () => {
    expect(kinds({ reason: "asked", wants: "Order a coffee", facts }, summary(["wants", "“a large latte”"], ["matter", "Order a coffee (Size Large)"], ["mood", "“ridiculous”"]))).toEqual(["wants", "mood"]);
  });
  it("leaves out the wish that heads the card", () => {
    expect(kinds({ reason: "asked", wants: "Where is my cup?" }, summary(["wants", "“Where is my cup?”"], ["matter", "Track an order"]))).toEqual(["matter"]);
  });
  it("is nothing before there is a summary", () => expect(kinds({ reason: "asked", wants: "", facts })).toEqual([]));
});
