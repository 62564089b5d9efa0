import type { Lang, Text } from "../api/types";

export interface Reply {
  id: string;
  playbook?: string;
  key: string;
  title: Text;
  text: Text;
  questions?: Partial<Record<Lang, string[]>>;
  version: number;
  updated_at: string;
  updated_by: string;
}

export type ByLang = Partial<Record<Lang | "", string>>;

/** A text in each of its languages; one for all of them has an empty key. */
export function byLang(text: Text): ByLang {
  return typeof text === "string" ? { "": text } : { ...text };
}

/** Without what is empty, as it is sent. */
export function written(text: ByLang): ByLang {
  return Object.fromEntries(Object.entries(text).filter(([, v]) => v.trim()));
}

/** What a variable of each kind looks like to the customer; one that nobody knows stays as it is. */
export function pretend(text: string, known: Record<string, string>): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => known[name] ?? (name.startsWith("slots.") ? `‹${name.slice(6)}›` : whole));
}
