import { expect, it } from "vitest";
import { keyFor, toSave, waitingOf } from "./on-hold";

it("leaves out what is empty", () => {
  expect(toSave({ hold: { announce: { en: "Soon", zh: " " }, prompts: { en: "" }, every: 0, music: "", callback: false, picture: "  " }, dispositions: [] })).toEqual({ on_hold: { announce: { en: "Soon" } }, dispositions: [] });
});

it("keeps the key of a result and gives a new one its own", () => {
  const got = toSave({ hold: {}, dispositions: [{ key: "sold", title: { en: "Sold" } }, { key: "", title: { en: "Sold", zh: "" } }, { key: "", title: { en: "", zh: "退款" } }, { key: "", title: { en: " ", zh: "" } }] });
  expect(got.dispositions.map((d) => d.key)).toEqual(["sold", "sold_2", "result"]);
  expect(got.dispositions[1].title).toEqual({ en: "Sold" });
});

it("makes keys of small letters and digits", () => {
  expect([keyFor("Wrong number!", []), keyFor("投诉", []), keyFor("A", ["a", "a_2"])]).toEqual(["wrong_number", "result", "a_3"]);
});

it("begins empty for a queue that never had any", () => {
  expect(waitingOf({ name: "q", title: "", priority: 0 })).toEqual({ hold: {}, dispositions: [] });
});
