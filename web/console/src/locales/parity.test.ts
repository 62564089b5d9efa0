import { describe, expect, it } from "vitest";
import en from "./en.json";
import zh from "./zh.json";

type Tree = { [k: string]: string | Tree };

function flat(tree: Tree, at = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [k, v] of Object.entries(tree)) {
    if (typeof v === "string") out.set(at + k, v);
    else for (const [key, text] of flat(v, `${at}${k}.`)) out.set(key, text);
  }
  return out;
}

// Chinese has one plural form, English two.
const base = (key: string) => key.replace(/_(one|other)$/, "");
const vars = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]).sort().join();

describe("texts in English and Chinese", () => {
  const english = flat(en);
  const chinese = flat(zh);
  it("are the same set", () => {
    const a = new Set([...english.keys()].map(base));
    const b = new Set([...chinese.keys()].map(base));
    expect([...a].filter((k) => !b.has(k)), "missing in zh").toEqual([]);
    expect([...b].filter((k) => !a.has(k)), "missing in en").toEqual([]);
  });

  it("name the same variables", () => {
    for (const [key, text] of english) {
      const other = chinese.get(key) ?? chinese.get(`${base(key)}_other`);
      expect(vars(other ?? ""), key).toBe(vars(text));
    }
  });

  it("are all written, and the Chinese ones are Chinese", () => {
    for (const [key, text] of [...english, ...chinese]) expect(text.trim() || text, key).not.toBe("");
    const foreign = [...chinese].filter(([, text]) => !/[一-鿿]/.test(text) && /[a-z]{4,}/i.test(text.replace(/\{\{.*?\}\}/g, "")));
    expect(foreign.map(([k]) => k)).toEqual(["channel.telegram", "channel.whatsapp"]);
  });

  it("give every plural both forms in English and one in Chinese", () => {
    for (const key of english.keys()) if (key.endsWith("_one")) expect(english.has(`${base(key)}_other`), key).toBe(true);
    expect([...chinese.keys()].filter((k) => k.endsWith("_one"))).toEqual([]);
  });
});
