import type { Question } from "./types";

/** Lines of a spreadsheet, question and article in two columns; undefined when it is one plain text. */
export function pasted(clip: string): Question[] | undefined {
  if (!/[\n\t]/.test(clip.trim())) return undefined;
  const rows = clip.split(/\r?\n/).map((l) => l.split("\t").map((c) => c.trim().replace(/^"(.*)"$/s, "$1").replaceAll('""', '"'))).filter((c) => c[0]);
  // A first line of titles is no question.
  if (rows.length > 1 && /^(question|ask|问题)$/i.test(rows[0][0])) rows.shift();
  return rows.length ? rows.map(([question, article = ""]) => ({ question: question.slice(0, 500), article: article.slice(0, 64) })) : undefined;
}
