import type { Attachment, ID } from "../api/types";
import { kept, store } from "../lib/store";

export interface Draft {
  text: string;
  private: boolean;
  /** The suggestion that stands in the composer, and what it said. */
  suggestion?: ID;
  original?: string;
  attachments?: Attachment[];
}

export const none: Draft = { text: "", private: false };

/** How many conversations keep what was begun in them. */
const KEPT = 50;

export const drafts = kept<Record<ID, Draft>>("drafts", {});
/** Counts the times that something put text into a composer, so that it takes the focus. */
export const putInto = store<{ conversation: ID; n: number }>({ conversation: "", n: 0 });

export function setDraft(id: ID, change: Partial<Draft>) {
  drafts.set((now) => {
    const next = { ...(now[id] ?? none), ...change };
    const { [id]: _, ...rest } = now;
    if (!next.text && !next.attachments?.length && !next.private) return rest;
    const entries = Object.entries(rest);
    return { ...Object.fromEntries(entries.slice(-KEPT + 1)), [id]: next };
  });
}
