import { describe, expect, it } from "vitest";
import { placeOf } from "./place";

describe("the place of a sentence in an article", () => {
  const body = "We deliver.\n\n- Delivery costs **¥6**. From ¥60\n  on it is free.\n\n## 退款\n\n三天内退款。";
  it("is found through marks, spaces and lines", () => {
    const p = placeOf(body, "Delivery costs ¥6. From ¥60 on it is free.");
    expect(p).toMatchObject({ line: 3, column: 3 });
    expect(body.split("\n").slice(0, 2).join("\n").length + 1 + 2 + (p?.length ?? 0)).toBe(body.indexOf("free.") + 5);
  });
  it("is found in Chinese and by a heading", () => {
    expect(placeOf(body, "三天内退款。")).toEqual({ line: 8, column: 1, length: 6 });
    expect(placeOf(body, "退款")).toMatchObject({ line: 6, column: 4 });
  });
  it("is nowhere when it was changed since", () => {
    expect(placeOf(body, "Delivery is free.")).toBeUndefined();
    expect(placeOf(body, "**")).toBeUndefined();
  });
});
