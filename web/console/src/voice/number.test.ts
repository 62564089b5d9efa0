import { expect, it } from "vitest";
import type { Contact, Conversation } from "../api/types";
import { numberOf, numbersOf, readable } from "./number";

it("takes numbers as people write them, and SIP addresses", () => {
  expect(["+49 30 555-0117", "0049 30 5550117", "(030) 5550.117", "sip:ann@pbx.example", "12"].map(numberOf)).toEqual(["+49305550117", "+49305550117", "0305550117", "sip:ann@pbx.example", "12"]);
  expect(["", "Ann", "+", "visitor-7", "sip:ann", "1".repeat(20)].map(numberOf)).toEqual(["", "", "", "", "", ""]);
});

it("lists every number once, where he wants to be called back first", () => {
  const contact = { phone: "+49 30 5550117", identities: [{ channel: "voice", address: "+49305550117" }, { channel: "webchat", address: "4711" }, { channel: "sms", address: "+491700000" }] } as Contact;
  const c = { channel: "voice", address: "+49305550117", callback: { phone: "+4989123" } } as Conversation;
  expect(numbersOf(contact, c)).toEqual(["+4989123", "+49305550117", "+491700000"]);
  expect(numbersOf({} as Contact, { channel: "webchat", address: "123456" } as Conversation)).toEqual([]);
});

it("groups a number so that it can be read aloud", () => {
  expect(readable("+49305550117")).toBe("+49 305 550 117");
  expect(readable("+8613800138000")).toBe("+86 138 0013 8000");
  expect(readable("+12125550123")).toBe("+1 212 555 0123");
  expect(readable("visitor-7")).toBe("visitor-7");
  expect(readable("112")).toBe("112");
});
