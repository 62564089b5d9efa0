import { describe, expect, it } from "vitest";
import type { InboxRow } from "../api/types";
import { turn, urgency, waitsSince } from "./move";

const row = (r: Partial<InboxRow>): InboxRow => ({
  id: "c", status: "assigned", subject: "", contact: { id: "p", name: "" }, channel: "webchat", lang: "en", agent: { id: "me", name: "Me" }, preview: "", preview_by: "customer", last_at: "2026-05-04T09:00:00Z", unread: 0, priority: 0, version: 1, ...r,
});

describe("turn", () => {
  it("is mine when the customer, or the bot handing over, spoke last", () => {
    expect(turn(row({}), "me")).toBe("yours");
    expect(turn(row({ preview_by: "bot" }), "me")).toBe("yours");
    expect(turn(row({ preview_by: "bot" }), "you")).toBe("agents");
  });
  it("is the customer's when an agent spoke last", () => {
    expect(turn(row({ preview_by: "agent" }), "me")).toBe("customers");
  });
  it("is the status where nobody talks to him", () => {
    expect((["waiting", "automated", "parked", "closed"] as const).map((status) => turn(row({ status }), "me"))).toEqual(["waiting", "bots", "parked", "closed"]);
  });
});

it("counts the wait from the hand-over, or from the last message, and only while he waits for us", () => {
  const at = "2026-05-04T08:00:00Z";
  expect(waitsSince(row({ status: "waiting", waiting_since: at }), "waiting")).toBe(at);
  expect(waitsSince(row({}), "yours")).toBe("2026-05-04T09:00:00Z");
  expect(waitsSince(row({}), "customers")).toBeUndefined();
});

it("is patient with letters and not with chats", () => {
  expect([urgency("webchat", 60), urgency("webchat", 200), urgency("webchat", 700)]).toEqual(["waiting", "warning", "breach"]);
  expect(urgency("email", 3600)).toBe("waiting");
});
