import { describe, expect, it } from "vitest";
import { compare, sideBySide } from "./diff";

const sign = { same: " ", added: "+", removed: "-" } as const;
const show = (a: string, b: string) => compare(a, b).map((l) => sign[l.op] + l.text);

describe("compare", () => {
  it("shows what came, went and stayed", () => {
    expect(show("a\nb\nc", "a\nx\nc\nd")).toEqual([" a", "-b", "+x", " c", "+d"]);
  });

  it("gives back both texts, whatever they are", () => {
    let seed = 7;
    const next = (n: number) => (seed = (seed * 16807) % 2147483647) % n;
    for (let round = 0; round < 200; round++) {
      const text = () => Array.from({ length: next(12) + 1 }, () => "abc"[next(3)]).join("\n");
      const [a, b] = [text(), text()];
      const lines = compare(a, b);
      expect(lines.filter((l) => l.op !== "added").map((l) => l.text).join("\n")).toBe(a);
      expect(lines.filter((l) => l.op !== "removed").map((l) => l.text).join("\n")).toBe(b);
    }
  });

  it("says which words of a line changed, in Chinese too", () => {
    const [gone, come] = compare("工作日七点开门", "工作日八点开门");
    expect(gone.spans).toEqual([{ text: "工作日", changed: false }, { text: "七", changed: true }, { text: "点开门", changed: false }]);
    expect(come.spans?.find((s) => s.changed)?.text).toBe("八");
  });

  it("takes texts that are empty or the same", () => {
    expect(show("", "")).toEqual([]);
    expect(show("", "a")).toEqual(["+a"]);
    expect(show("a", "")).toEqual(["-a"]);
    expect(show("a\nb", "a\nb")).toEqual([" a", " b"]);
  });

  it("numbers the lines of both sides", () => {
    expect(compare("a\nb", "a\nx\nb").map((l) => [l.old, l.new])).toEqual([[1, 1], [undefined, 2], [2, 3]]);
  });
});

it("puts what was rewritten side by side", () => {
  const pairs = sideBySide(compare("a\nb\nc", "a\nx\ny\nc"));
  expect(pairs.map((p) => [p.left?.text, p.right?.text])).toEqual([["a", "a"], ["b", "x"], [undefined, "y"], ["c", "c"]]);
});
