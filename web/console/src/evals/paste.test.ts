import { expect, it } from "vitest";
import { pasted } from "./paste";

it("reads what a spreadsheet copies", () => {
  expect(pasted("Question\tArticle\r\nWhen do you open?\topening-hours\r\n\r\nDo you sell bikes?\r\n\"He said \"\"hi\"\"\"\tgreeting\r\n")).toEqual([
    { question: "When do you open?", article: "opening-hours" },
    { question: "Do you sell bikes?", article: "" },
    { question: 'He said "hi"', article: "greeting" },
  ]);
});

it("leaves a plain text to the field", () => {
  expect(pasted("When do you open?")).toBeUndefined();
  expect(pasted("When do you open?\n")).toBeUndefined();
});
