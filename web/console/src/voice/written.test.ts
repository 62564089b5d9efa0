import { expect, test } from "vitest";
import type { Opened } from "../api/types";
import { writtenTo } from "./written";

const began = { seq: 4, kind: "mark", data: { kind: "call", value: "began" } };
const link = { seq: 5, kind: "message", data: { author: { kind: "system" }, channel: "sms", content: { text: "See it: http://a.example/call/abc" } } };
const tap = { seq: 6, kind: "message", data: { author: { kind: "customer" }, channel: "webchat", content: { text: "Latte" } } };
const key = { seq: 6, kind: "message", data: { author: { kind: "customer" }, channel: "voice", content: { text: "1" } } };

const opened = (events: object[], c: object = {}) => ({ conversation: { channel: "voice", address: "+4915112345678", on_call: "x", customer_seq: 0, ...c }, events }) as unknown as Opened;

test("what is typed during a call goes where the customer can read it", () => {
  const cases: [ReturnType<typeof writtenTo>, Opened][] = [
    ["nowhere", opened([began, key])],
    ["link", opened([began, link, key])],
    ["page", opened([began, link, tap])],
    ["page", opened([began, link], { customer_seq: 5 })],
    ["nowhere", opened([{ ...tap, seq: 1 }, began], { customer_seq: 1 })],
    ["page", opened([began], { address: "visitor:12" })],
    ["sms", opened([began], { on_call: undefined })],
    [undefined, opened([began], { on_call: undefined, address: "visitor:12" })],
    [undefined, opened([began], { channel: "webchat" })],
  ];
  for (const [want, o] of cases) expect(writtenTo(o)).toBe(want);
});
