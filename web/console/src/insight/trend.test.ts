import { describe, expect, it } from "vitest";
import { weeks } from "./trend";

const now = Date.parse("2026-03-01T00:00:00Z");
const daysAgo = (n: number) => new Date(now - n * 86_400_000).toISOString();

describe("the trend of a question", () => {
  it("is the mean of the older weeks, the week before, and this week", () => {
    expect(weeks({ asked: 20, recent: 6, earlier: 4, first_at: daysAgo(49) }, now)).toEqual([2, 4, 6]);
  });
  it("has nothing before it was first asked", () => {
    expect(weeks({ asked: 3, recent: 3, earlier: 0, first_at: daysAgo(2) }, now)).toEqual([0, 0, 3]);
  });
});
