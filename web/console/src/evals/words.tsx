import i18next from "i18next";
import type { Mark } from "../api/types";
import { summary, words } from "../conversation/timeline";
import { percent } from "../lib/time";
import type { Book } from "./book";
import { plain, scenarioOf } from "./report";
import type { Trouble } from "./types";

// The names of files and keys as people say them.

const t = (key: string, vars?: object) => i18next.t(key as "evals.nothing", vars as never) as unknown as string;

/** A title from the playbook, else the name as words. */
export function titled(book: Book | undefined, kind: "flow" | "menu" | "queue" | "article", name: string): string {
  const from = kind === "flow" ? book?.flows : kind === "menu" ? book?.menus : kind === "queue" ? book?.queues : book?.articles;
  const found = from?.find((n) => n.name === name)?.title;
  return found && found !== name ? found : words(name);
}

/** flow:order_coffee as "Order a coffee". */
export function target(book: Book | undefined, to: string): string {
  if (to === "none") return t("evals.target.none");
  if (to === "clarified") return t("evals.target.clarified");
  const [kind, ...name] = to.split(":");
  if (!name.length) return words(to);
  return titled(book, kind as "flow", name.join(":"));
}

export function slotTitle(book: Book | undefined, slot: string, flow?: string): string {
  const flows = flow ? book?.flows.filter((f) => f.name === flow) : book?.flows;
  return flows?.flatMap((f) => f.slots).find((s) => s.name === slot)?.title ?? words(slot);
}

/** What an expectation is about: "Size", "The flow", "Tool place order, size". */
export function keyName(book: Book | undefined, key: string): string {
  const [head, name, ...rest] = key.split(".");
  if (head === "slots") return slotTitle(book, name ?? "");
  if (head === "called" && name) return rest.length ? t("evals.key.argument", { tool: words(name), name: words(rest.join(".")) }) : t("evals.key.tool", { tool: words(name) });
  const known = `evals.key.${head}`;
  return i18next.exists(known) ? t(known) : words(key);
}

/** The value of an expectation in words. */
export function valueName(book: Book | undefined, key: string, raw: string): string {
  const part = /^(words with|words without|one of) (.*)$/s.exec(raw);
  if (part) return t(`evals.${part[1].replaceAll(" ", "_")}`, { what: part[1] === "one of" ? valueName(book, key, part[2]) : plain(part[2]) });
  const v = plain(raw);
  if (raw === "anything") return t("evals.anything");
  if (v === "" || v === "none" || raw === "nothing") return t("evals.nothing");
  if (v === "true" || v === "false") return t(v === "true" ? "evals.yes" : "evals.no");
  const [head, name] = key.split(".");
  const each = (f: (x: string) => string) => v.split(", ").map(f).join(t("common.comma"));
  switch (head) {
    case "flow":
    case "completed":
    case "cancelled":
      return each((x) => titled(book, "flow", x));
    case "menu":
      return each((x) => titled(book, "menu", x));
    case "handed_over":
      return each((x) => titled(book, "queue", x));
    case "answered":
      return each((x) => titled(book, "article", x));
    case "asking":
    case "refused":
      return each((x) => slotTitle(book, x));
    case "status":
      return t(`status.${v}`);
    case "slots":
      return book?.flows.flatMap((f) => f.slots).find((s) => s.name === name)?.options.find((o) => o.name === v)?.title ?? v;
    case "clarified":
    case "reaches":
    case "offered":
      return each((x) => (x.includes(":") ? target(book, x) : words(x)));
  }
  return v;
}

/** "Size: expected small, got large". */
export function troubleLine(book: Book | undefined, p: Trouble): string {
  return t("evals.trouble", { what: keyName(book, p.key), want: valueName(book, p.key, p.want), got: valueName(book, p.key, p.got) });
}

/** One reason of the server's, "slots.size: got "large", want "small"", in words; others as they come. */
export function whyLine(book: Book | undefined, why: string): string {
  const low = /^hit@3 is ([\d.]+), at least ([\d.]+) is asked for$/.exec(why);
  if (low) return t("evals.too_low", { is: percent(Number(low[1]), 1), least: percent(Number(low[2]), 1) });
  const m = /^([\w.-]+): got (.*), want (.*)$/s.exec(why);
  return m ? troubleLine(book, { key: m[1], got: m[2], want: m[3] }) : why;
}

export function suiteName(suite: string): string {
  return scenarioOf(suite) ? t("evals.own_cases") : words(suite);
}

/** What the bot did in a turn, in one line. */
export function did(marks: Mark[], book: Book | undefined): string {
  return summary(marks, (slot) => slotTitle(book, slot, marks.find((m) => m.slot === slot)?.flow)).map((s) => t(`steps.${s.verb}`, { what: s.what.join(t("common.comma")) })).join(t("common.semicolon"));
}
