import { describe, expect, it } from "vitest";
import type { Conversation, Event, Mark, Opened } from "../api/types";
import { pastCalls, wrapUpOf } from "./ended";

const mark = (seq: number, min: number, m: Mark): Event => ({ conversation_id: "c", seq, kind: "mark", data: m, at: `2026-05-04T09:${String(min).padStart(2, "0")}:00Z` });
const began = (id: string, seq: number, min: number) => mark(seq, min, { kind: "call", value: "began", data: { call_id: id } });
const ended = (id: string, seq: number, min: number, cause = "normal") => mark(seq, min, { kind: "call", value: "ended", data: { call_id: id, cause } });
const opened = (events: Event[], c: Partial<Conversation> = {}) => ({ conversation: { id: "c", agent_id: "me", status: "assigned", channel: "voice", ...c }, events }) as Opened;

it("puts the beginning and the end of each call together", () => {
  expect(pastCalls([began("a", 1, 0), began("b", 2, 5), ended("a", 3, 7), ended("b", 4, 9, "busy")])).toEqual([
    { id: "a", began: "2026-05-04T09:00:00Z", ended: "2026-05-04T09:07:00Z", cause: "normal", seconds: 420 },
    { id: "b", began: "2026-05-04T09:05:00Z", ended: "2026-05-04T09:09:00Z", cause: "busy", seconds: 240 },
  ]);
  expect(pastCalls([ended("x", 9, 1)])[0].seconds).toBeUndefined();
});

describe("a wrap-up is due", () => {
  const events = [began("a", 1, 0), ended("a", 2, 3)];
  it("when my call is over and the conversation is still mine", () => {
    expect(wrapUpOf(opened(events), undefined, "me")?.seconds).toBe(180);
  });
  it("not during a call, not for another's, not once closed, not where a call back is promised", () => {
    expect(wrapUpOf(opened(events, { on_call: "b" }), undefined, "me")).toBeUndefined();
    expect(wrapUpOf(opened(events), undefined, "you")).toBeUndefined();
    expect(wrapUpOf(opened(events, { status: "closed" }), undefined, "me")).toBeUndefined();
    expect(wrapUpOf(opened(events, { callback: { phone: "+49" } }), undefined, "me")).toBeUndefined();
    expect(wrapUpOf(opened([]), undefined, "me")).toBeUndefined();
  });
});
