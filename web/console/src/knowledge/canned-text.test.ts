import { describe, expect, it } from "vitest";
import { byLang, pretend, written } from "./canned-text";

describe("canned replies", () => {
  it("are texts by language, or one for all", () => {
    expect(byLang("Hello")).toEqual({ "": "Hello" });
    expect(byLang({ en: "Hello", zh: "您好" })).toEqual({ en: "Hello", zh: "您好" });
    expect(written({ en: "Hello", zh: " " })).toEqual({ en: "Hello" });
  });

  it("show their variables filled in, and unknown ones as they are", () => {
    expect(pretend("Hi {{ contact.name }}, {{slots.number}} {{nobody.knows}}", { "contact.name": "Li Wei" })).toBe("Hi Li Wei, ‹number› {{nobody.knows}}");
  });
});
