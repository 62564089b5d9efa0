import { expect, it } from "vitest";
import type { InboxRow, Page } from "../api/types";
import { type Change, fits, mergeHead } from "./merge";

const row = (id: string): InboxRow => ({
  id, status: "assigned", subject: id, contact: { id, name: id }, channel: "webchat", lang: "en", preview: "", last_at: "", unread: 0, priority: 0, version: 1,
});
const page = (ids: string, next: string): Page<InboxRow> => ({ items: [...ids].map(row), next });
const ids = (pages: Page<InboxRow>[]) => pages.map((p) => p.items.map((r) => r.id).join("")).join("|");

it("keeps what was pushed down and what was loaded below", () => {
  const got = mergeHead([page("abc", "c"), page("def", "f")], page("xab", "b"), "all", new Map(), "me");
  expect(ids(got)).toBe("xabc|def");
  expect(got[0].next).toBe("c");
});

it("shows a row that moved up once", () => {
  expect(ids(mergeHead([page("abc", "c"), page("def", "f")], page("eab", "b"), "all", new Map(), "me"))).toBe("eabc|df");
});

it("takes away what left the tab", () => {
  const gone = new Map<string, Change>([["e", { status: "closed" }], ["c", { status: "assigned", agent_id: "other" }]]);
  expect(ids(mergeHead([page("abc", "c"), page("def", "f")], page("xab", "b"), "mine", gone, "me"))).toBe("xab|df");
});

it("takes a whole answer as the whole list", () => {
  expect(ids(mergeHead([page("abc", "c"), page("def", "")], page("ab", ""), "all", new Map(), "me"))).toBe("ab");
});

it("knows which change fits which tab", () => {
  expect(fits("mine", { status: "assigned", agent_id: "me" }, "me")).toBe(true);
  expect(fits("mine", { status: "assigned", agent_id: "you" }, "me")).toBe(false);
  expect(fits("queues", { status: "waiting" }, "me")).toBe(true);
  expect(fits("queues", { status: "assigned" }, "me")).toBe(false);
  expect(fits("all", { status: "closed" }, "me")).toBe(false);
  expect(fits("closed", { status: "closed" }, "me")).toBe(true);
});
