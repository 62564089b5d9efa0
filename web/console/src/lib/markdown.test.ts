import { expect, it } from "vitest";
import { toHTML } from "./markdown";

it.each([
  ["<img src=x onerror=alert(1)>", /onerror/],
  ["[a](javascript:alert(1))", /javascript:/],
  ["<script>alert(1)</script>hello", /<script/],
  ['<a href="data:text/html,x">x</a>', /data:/],
  ["<style>*{display:none}</style>x", /<style/],
  ["<iframe src=//evil></iframe>", /<iframe/],
  ['<p style="position:fixed">x</p>', /style=/],
  ["[x](//evil.example)", /href/],
])("strips what could act: %s", (markdown, bad) => {
  expect(toHTML(markdown)).not.toMatch(bad);
});

it("keeps what an article needs", () => {
  const html = toHTML("# Title\n\n- one\n- **two**\n\n[link](https://example.com)");
  expect(html).toContain("<h1>Title</h1>");
  expect(html).toContain("<strong>two</strong>");
  expect(html).toContain('rel="noopener noreferrer"');
});
