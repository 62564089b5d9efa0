import { expect, it } from "vitest";
import type { Canned, Opened } from "../api/types";
import { fill, matching } from "./canned";

const opened = { contact: { name: "Ann" }, conversation: { id: "0190-abcdef12", hand_over: { facts: [{ key: "number", label: "", value: "A17" }] } } } as unknown as Opened;

it("fills in what it knows and leaves the rest to be seen", () => {
  expect(fill("Hi {{contact.name}}, {{ agent.name }} here: {{slots.number}} {{slots.size}}", opened, "Mei")).toBe("Hi Ann, Mei here: A17 {{slots.size}}");
});

it("finds by key first, then by title, then by text", () => {
  const all: Canned[] = [
    { id: "1", key: "late", title: { en: "Late" }, text: { en: "good bye" } },
    { id: "2", key: "x", title: { en: "Bye for now" }, text: { en: "" } },
    { id: "3", key: "bye", title: { en: "End" }, text: { en: "" } },
    { id: "4", key: "other", title: { en: "Other" }, text: { en: "" } },
  ];
  expect(matching(all, "bye", "en").map((c) => c.id)).toEqual(["3", "2", "1"]);
});
