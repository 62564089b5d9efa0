import type { Canned, Opened } from "../api/types";
import { textIn } from "../i18n";
import type { Lang } from "../api/types";

/** A canned reply with its variables filled in; one that is not known stays visible, so that it is not sent by mistake. */
export function fill(text: string, opened: Opened, agent: string): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => {
    if (name === "contact.name") return opened.contact.name || whole;
    if (name === "agent.name") return agent;
    if (name === "conversation.number") return opened.conversation.id.slice(-8).toUpperCase();
    if (name.startsWith("slots.")) return opened.conversation.hand_over?.facts?.find((f) => f.key === name.slice(6))?.value ?? whole;
    return whole;
  });
}

/** The canned replies that "/word" means. */
export function matching(all: Canned[], word: string, lang: Lang): Canned[] {
  const low = word.toLowerCase();
  const rank = (c: Canned) => (c.key.toLowerCase().startsWith(low) ? 0 : textIn(c.title, lang).toLowerCase().includes(low) ? 1 : textIn(c.text, lang).toLowerCase().includes(low) ? 2 : 9);
  return all.filter((c) => rank(c) < 9).sort((a, b) => rank(a) - rank(b)).slice(0, 8);
}
