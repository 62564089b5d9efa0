import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

// Text must be readable on what it stands on: 4.5 to 1 (WCAG AA), in both themes.
const css = readFileSync("src/tokens.css", "utf8");
const theme = (block: RegExp) => new Map([...(css.match(block)?.[0] ?? "").matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
const light = theme(/^:root \{[\s\S]*?^\}/m);
const dark = theme(/^:root\[data-theme="dark"\][\s\S]*?^\}/m);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const pairs: [string, string, number][] = [
  ...["--bg", "--surface", "--sunken", "--hover", "--accent-soft", "--note"].flatMap((b): [string, string, number][] => [["--text", b, 4.5], ["--text-2", b, 4.5], ["--text-3", b, 4.5]]),
  ["--on-accent", "--accent", 4.5],
  ["--accent-text", "--surface", 4.5],
  ["--accent-text", "--accent-soft", 4.5],
  ["--accent-text", "--bg", 4.5],
  ["--field-line", "--surface", 3],
  ...["waiting", "live", "warning", "breach", "done"].flatMap((m): [string, string, number][] => [[`--${m}`, `--${m}-soft`, 4.5], [`--${m}`, "--surface", 4.5], [`--${m}`, "--accent-soft", 4.5]]),
];

it.each([["light", light], ["dark", dark]] as const)("colours of the %s theme are readable", (_, colours) => {
  for (const [fore, back, least] of pairs) {
    const [a, b] = [luminance(colours.get(fore) as string), luminance(colours.get(back) as string)].sort((x, y) => y - x);
    expect((a + 0.05) / (b + 0.05), `${fore} on ${back}`).toBeGreaterThanOrEqual(least);
  }
});
