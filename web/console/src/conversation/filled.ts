import type { Canned, Opened, Suggestion } from "../api/types";
import { textIn } from "../i18n";
import { fill } from "./canned";

const variable = /\{\{\s*([\w.]+)\s*\}\}/g;

/** What of a suggestion's text was filled in from the contact, the agent and the hand-over card. */
export function filledIn(s: Suggestion, opened: Opened, agent: string): string[] {
  if (s.kind !== "canned" && s.kind !== "past") return [];
  const known = [opened.contact.name, agent, ...(opened.conversation.hand_over?.facts ?? []).map((f) => f.value)];
  return [...new Set(known.filter((v) => v.length > 1 && s.text.includes(v)))];
}

/** The variables of the canned reply behind a suggestion that nothing is known for. */
export function missing(s: Suggestion, canned: Canned[] | undefined, opened: Opened, agent: string): string[] {
  const c = canned?.find((x) => x.id === s.canned_id);
  if (s.kind !== "canned" || !c) return [];
  const left = [...fill(textIn(c.text, s.lang ?? opened.conversation.lang), opened, agent).matchAll(variable)].map((m) => m[1] ?? "");
  return [...new Set(left)].filter((name) => name !== "contact.name"); // a greeting does without
}

/** The reply behind a suggestion with all its variables, the given ones too; what is still unknown stays out of it, as the server left it. */
export function complete(s: Suggestion, canned: Canned[] | undefined, opened: Opened, agent: string, given: Record<string, string>): string {
  const c = canned?.find((x) => x.id === s.canned_id);
  const wanted = missing(s, canned, opened, agent);
  if (!c || wanted.length === 0 || wanted.some((name) => !given[name]?.trim())) return s.text;
  return fill(textIn(c.text, s.lang ?? opened.conversation.lang), opened, agent)
    .replace(variable, (_, name: string) => given[name]?.trim() ?? "")
    .replace(/ +([,，。.!！])/g, "$1");
}

/** What a variable is called when it is asked for: "slots.order_number" is "order number". */
export const nameOf = (name: string) => name.replace(/^\w+\./, "").replaceAll("_", " ");
