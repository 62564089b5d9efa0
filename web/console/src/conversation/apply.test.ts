import { expect, it } from "vitest";
import type { Event, Message, Opened } from "../api/types";
import { apply, lastSeq, leavesGap } from "./apply";

const message = (seq: number, by: "customer" | "agent" = "customer"): Event => ({
  conversation_id: "c", seq, kind: "message", at: "",
  data: { id: `m${seq}`, conversation_id: "c", seq, author: { kind: by }, channel: "webchat", content: { text: "x" }, at: "", delivery: "queued" } as Message,
});
const open = (...events: Event[]): Opened =>
  ({ conversation: { id: "c", status: "assigned", seq: events.at(-1)?.seq ?? 0, customer_seq: 0, agent_seq: 0 }, contact: {}, events }) as unknown as Opened;

it("adds an event once and keeps the order of numbers", () => {
  let o = open(message(1), message(3));
  o = apply(o, message(2));
  o = apply(o, message(2));
  expect(o.events.map((e) => e.seq)).toEqual([1, 2, 3]);
  expect(lastSeq(o)).toBe(3);
});

it("notices a gap", () => {
  const o = open(message(1), message(2));
  expect(leavesGap(o, message(3))).toBe(false);
  expect(leavesGap(o, message(4))).toBe(true);
});

it("brings the delivery state to its message", () => {
  const o = apply(open(message(1, "agent")), { conversation_id: "c", kind: "delivery", at: "", data: { message_id: "m1", delivery: "failed", error: "blocked" } });
  expect(o.events[0].kind === "message" && o.events[0].data).toMatchObject({ delivery: "failed", error: "blocked" });
});

it("never takes a read mark back", () => {
  let o = open(message(1));
  o = apply(o, { conversation_id: "c", kind: "read", at: "", data: { by: "customer", seq: 5 } });
  o = apply(o, { conversation_id: "c", kind: "read", at: "", data: { by: "customer", seq: 3 } });
  expect(o.conversation.customer_seq).toBe(5);
});

it("follows the status, and forgets the agent when it goes back to the queue", () => {
  let o = open(message(1));
  o = apply(o, { conversation_id: "c", seq: 2, kind: "status", at: "", data: { from: "waiting", to: "assigned", agent: { kind: "agent", id: "a1", name: "Ann" } } });
  expect(o.conversation).toMatchObject({ status: "assigned", agent_id: "a1" });
  o = apply(o, { conversation_id: "c", seq: 3, kind: "status", at: "", data: { from: "assigned", to: "waiting", queue: "sales", reason: "transferred" } });
  expect(o.conversation).toMatchObject({ status: "waiting", agent_id: "", queue: "sales" });
});
