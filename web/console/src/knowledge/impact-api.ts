import type { ID, Lang, Source } from "../api/types";

export interface Given {
  ok: boolean;
  text?: string;
  article?: Source;
  confidence: number;
}
interface Past {
  text: string;
  lang: Lang;
  playbook: string;
  times: number;
  conversation_id?: ID;
}
interface Score {
  hit_at_1: number;
  hit_at_3: number;
}
interface SuiteChange {
  playbook: string;
  suite: string;
  name: string;
  why?: string;
}

/** What would be another, once it is published. */
export interface Impact {
  partial: boolean;
  asked: number;
  looked: number;
  answers: (Past & { kind: "gained" | "lost" | "other_article" | "other_text"; before: Given; after: Given })[];
  suggested: (Past & { before: (Source & { text: string })[]; after: (Source & { text: string })[] })[];
  retrieval: { name: string; playbook: string; lang: Lang; asked: number; before: Score; after: Score; worse: { question: string }[]; better: { question: string }[]; breaks: boolean }[];
  suites: { ran: number; broken: SuiteChange[]; fixed: SuiteChange[]; not_run: { playbook: string; suite: string; cases: number; why: string }[] };
}

/** How many tests and sets of questions would fail that do not now. */
export function broken(i: Impact): number {
  return i.suites.broken.length + i.retrieval.filter((s) => s.breaks).length;
}

/** The sets of questions that fall below what they must reach: publishing is refused. */
export const shut = (i: Impact) => i.retrieval.filter((s) => s.breaks);

/** The sets of questions that do better or worse than before. */
export const moved = (i: Impact) => i.retrieval.filter((s) => s.breaks || s.worse.length > 0 || s.better.length > 0);

export function quiet(i: Impact): boolean {
  return broken(i) === 0 && i.answers.length === 0 && i.suggested.length === 0 && moved(i).length === 0 && i.suites.fixed.length === 0;
}
