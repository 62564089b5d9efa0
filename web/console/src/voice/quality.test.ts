import { expect, it } from "vitest";
import { grade, worst } from "./quality";
import type { LegQuality } from "./types";

const leg = (mos: number): LegQuality => ({ role: "caller", codec: "PCMU", packets: 1, loss_pct: 0, jitter_ms: 1, rtt_ms: 1, mos });

it("judges a call by its worst leg, and not by one that never sounded", () => {
  expect(worst([leg(4.3), leg(3.1), leg(0)])?.mos).toBe(3.1);
  expect(worst([leg(0)])).toBeUndefined();
  expect(worst(undefined)).toBeUndefined();
});

it("says what a score means", () => {
  expect([4.4, 4, 3.6, 3.4, 2].map((m) => grade(m).word)).toEqual(["good", "good", "fair", "fair", "poor"]);
});
