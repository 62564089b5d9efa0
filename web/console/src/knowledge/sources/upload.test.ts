import { describe, expect, it } from "vitest";
import { type Run, sums } from "./api";
import { joined, wrong } from "./upload";

describe("files to import", () => {
  it("are refused by ending, emptiness and size, before anything is sent", () => {
    expect(wrong({ name: "FAQ.CSV", size: 1 })).toBeUndefined();
    expect(wrong({ name: "picture.png", size: 1 })).toBe("ending");
    expect(wrong({ name: "noending", size: 1 })).toBe("ending");
    expect(wrong({ name: "a.md", size: 0 })).toBe("empty");
    expect(wrong({ name: "a.pdf", size: (64 << 20) + 1 })).toBe("large");
  });

  it("of the same name take the place of the one before", () => {
    const a = new File(["1"], "a.md");
    const b = new File(["1"], "b.md");
    const newer = new File(["22"], "a.md");
    expect(joined([a, b], [newer])).toEqual([b, newer]);
  });
});

describe("what a run found", () => {
  const run = (r: Partial<Run>) => ({ mode: "preview", status: "done", problems: [], found: { new: 3, changed: 2, unchanged: 5, conflicts: 2, gone: 1, failed: 0, duplicates: 0 }, saved: { added: 0, updated: 0, kept: 0, unpublished: 0 }, ...r }) as Run;
  const of = (r: Run) => Object.fromEntries(sums(r).map((s) => [s.state, s.n]));

  it("is counted as found by a preview", () => {
    expect(of(run({}))).toEqual({ conflict: 2, new: 3, changed: 2, gone: 1, unchanged: 5 });
  });

  it("is counted as done by a sync, with what was left out", () => {
    const r = run({ mode: "sync", skip: ["x"], take: ["c"], saved: { added: 2, updated: 3, kept: 1, unpublished: 1 } });
    expect(of(r)).toEqual({ added: 2, updated: 3, kept: 1, unpublished: 1, new: 1, unchanged: 5 });
  });
});
