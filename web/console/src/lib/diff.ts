// What changed between two texts: by line, and within changed lines by word.

export type Op = "same" | "added" | "removed";
export interface Span {
  text: string;
  changed: boolean;
}
export interface Line {
  op: Op;
  old?: number;
  new?: number;
  text: string;
  spans?: Span[];
}

/** Beyond this many changes the rest counts as replaced: nobody reads such a diff. */
const MAX = 1500;

// Myers, greedy, forward.
function script<T>(a: T[], b: T[]): Op[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (n: number): Op[] => Array.from({ length: n }, () => "same");
  return [...same(head), ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...same(tail)];
}

function middle<T>(a: T[], b: T[]): Op[] {
  const n = a.length;
  const m = b.length;
  const replaced = (): Op[] => [...Array.from({ length: n }, (): Op => "removed"), ...Array.from({ length: m }, (): Op => "added")];
  if (!n || !m) return replaced();
  const most = Math.min(n + m, MAX);
  const off = most + 1;
  let v = new Int32Array(2 * off + 1);
  const trace: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    trace.push(v.slice());
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && v[off + k - 1] < v[off + k + 1]) ? v[off + k + 1] : v[off + k - 1] + 1;
      while (x < n && x - k < m && a[x] === b[x - k]) x++;
      v[off + k] = x;
      if (x >= n && x - k >= m) return walk(trace, n, m, off);
    }
    v = v.slice();
  }
  return replaced();
}

function walk(trace: Int32Array[], n: number, m: number, off: number): Op[] {
  const out: Op[] = [];
  let x = n;
  let y = m;
  for (let d = trace.length - 1; d >= 0; d--) {
    const v = trace[d];
    const k = x - y;
    const from = k === -d || (k !== d && v[off + k - 1] < v[off + k + 1]) ? k + 1 : k - 1;
    const px = d === 0 ? 0 : v[off + from];
    const py = d === 0 ? 0 : px - from;
    while (x > px && y > py) {
      out.push("same");
      x--;
      y--;
    }
    if (d === 0) break;
    out.push(from === k + 1 ? "added" : "removed");
    x = px;
    y = py;
  }
  return out.reverse();
}

const words = (s: string) => s.match(/[\p{Script=Han}]|[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) ?? [];

function spans(a: string, b: string): [Span[], Span[]] {
  const x = words(a);
  const y = words(b);
  const left: Span[] = [];
  const right: Span[] = [];
  const push = (to: Span[], text: string, changed: boolean) => {
    const last = to.at(-1);
    if (last?.changed === changed) last.text += text;
    else to.push({ text, changed });
  };
  let i = 0;
  let j = 0;
  for (const op of script(x, y)) {
    if (op !== "added") push(left, x[i], op === "removed");
    if (op !== "removed") push(right, y[j], op === "added");
    if (op !== "added") i++;
    if (op !== "removed") j++;
  }
  return [left, right];
}

/** The lines of both texts in order; lines that were rewritten say which words. */
export function compare(a: string, b: string): Line[] {
  const x = a ? a.split("\n") : [];
  const y = b ? b.split("\n") : [];
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  for (const op of script(x, y)) {
    if (op === "same") lines.push({ op, old: ++i, new: ++j, text: x[i - 1] });
    else if (op === "removed") lines.push({ op, old: ++i, text: x[i - 1] });
    else lines.push({ op, new: ++j, text: y[j - 1] });
  }
  // A block of removed lines followed by as many added ones was rewritten.
  for (let at = 0; at < lines.length; ) {
    let gone = at;
    while (lines[gone]?.op === "removed") gone++;
    let come = gone;
    while (lines[come]?.op === "added") come++;
    for (let n = 0; n < Math.min(gone - at, come - gone); n++) {
      const [l, r] = spans(lines[at + n].text, lines[gone + n].text);
      // Rewritten from end to end is no hint at all.
      if (l.some((s) => !s.changed && s.text.trim()) && r.some((s) => !s.changed && s.text.trim())) {
        lines[at + n].spans = l;
        lines[gone + n].spans = r;
      }
    }
    at = Math.max(come, at + 1);
  }
  return lines;
}

export interface Pair {
  left?: Line;
  right?: Line;
}

/** The same, as two columns. */
export function sideBySide(lines: Line[]): Pair[] {
  const out: Pair[] = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].op === "same") {
      out.push({ left: lines[at], right: lines[at] });
      at++;
      continue;
    }
    const gone: Line[] = [];
    const come: Line[] = [];
    while (lines[at] && lines[at].op !== "same") (lines[at].op === "removed" ? gone : come).push(lines[at++]);
    for (let n = 0; n < Math.max(gone.length, come.length); n++) out.push({ left: gone[n], right: come[n] });
  }
  return out;
}
