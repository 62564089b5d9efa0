/** Markdown as one line of words, as it is spoken. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|\d+\.)[ \t]+/gm, "")
    .replace(/^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?[ \t]*$/gm, "")
    .replace(/^[ \t]*\|(.*?)\|?[ \t]*$/gm, (_, row: string) => row.split("|").map((c) => c.trim()).filter(Boolean).join(", ") + ";")
    .replace(/(\*\*|__|`|~~)/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** Is it a letter or figure, in any script? The rest is how it is written, not what is said. */
const said = /[\p{L}\p{N}]/u;

/** Was the whole text heard, and the call cut short in what was read after it, such as the choices? */
export function heardBeyond(text: string, heard: string): boolean {
  const letters = (s: string) => [...plainText(s)].filter((ch) => said.test(ch)).join("").toLowerCase();
  const whole = letters(text);
  return whole !== "" && letters(heard).startsWith(whole);
}

/**
 * Where in text the part that was heard ends: letters and figures are compared,
 * the rest is passed over. Undefined when what was heard is not its beginning.
 */
export function heardUpTo(text: string, heard: string): number | undefined {
  const want = [...heard].filter((ch) => said.test(ch)).map((ch) => ch.toLowerCase());
  if (want.length === 0) return 0;
  let n = 0;
  let at = 0;
  for (const ch of text) {
    at += ch.length;
    if (!said.test(ch)) continue;
    if (ch.toLowerCase() !== want[n]) return undefined;
    if (++n === want.length) return at;
  }
  return undefined;
}
