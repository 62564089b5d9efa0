import { describe, expect, it } from "vitest";
import { bars, faster, peaksOf, seekBy } from "./wave";

describe("bars", () => {
  const p = { left: [0.1, 0.9, 0.2, 0.3], right: [0, 0, 1, 0] };
  it("are the loudest of what they stand for", () => {
    expect(bars(p, 2, 10).map((b) => [b.left, b.right])).toEqual([[0.9, 0], [0.3, 1]]);
  });
  it("are gaps where nothing was recorded", () => {
    expect(bars(p, 4, 8, [{ from: 2, to: 6 }]).map((b) => b.gap)).toEqual([false, true, true, false]);
    expect(bars(p, 4, 8, [{ from: 2, to: 6 }])[1].left).toBe(0);
  });
  it("exist even when there is nothing to show, or more of them than peaks", () => {
    expect(bars({ left: [], right: [] }, 3, 0)).toHaveLength(3);
    expect(bars({ left: [0.5], right: [] }, 3, 1).map((b) => b.left)).toEqual([0.5, 0.5, 0.5]);
  });
});

it("finds peaks on both sides of zero", () => {
  expect(peaksOf([0, -0.5, 0.2, 0.1], 2)).toEqual([0.5, 0.2]);
});

it("keeps keys within the recording", () => {
  expect([seekBy("ArrowRight", 8, 10), seekBy("ArrowLeft", 3, 10), seekBy("End", 3, 10), seekBy("PageDown", 50, 90), seekBy("x", 1, 10)]).toEqual([10, 0, 10, 20, undefined]);
});

it("goes through the speeds and begins again", () => {
  expect([1, 1.25, 1.5, 2].map(faster)).toEqual([1.25, 1.5, 2, 1]);
});
