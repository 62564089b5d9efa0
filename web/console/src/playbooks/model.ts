import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";
import type { Lang, Problem } from "../api/types";
import type { Files } from "./api";

// The picture of a playbook, read from its files: what leads where. A file
// that cannot be read yet keeps its box, so that its error has a place.

export type Kind = "menu" | "flow" | "article" | "queue" | "missing";

export interface Row {
  text: string;
  /** What sort of line it is: a choice, a question, a rule, what is done, how it ends. */
  kind: "choice" | "slot" | "rule" | "confirm" | "do" | "then" | "failed";
  line: number;
  to?: string;
  optional?: boolean;
}
export interface Box {
  id: string;
  kind: Kind;
  name: string;
  title: string;
  file?: string;
  line: number;
  rows: Row[];
  troubles: Problem[];
}
export interface Picture {
  start?: string;
  boxes: Box[];
}

const MAX_ROWS = 40;

export function picture(files: Files, problems: Problem[], lang: Lang): Picture {
  const boxes = new Map<string, Box>();
  let start: string | undefined;
  for (const [file, text] of Object.entries(files)) {
    if (file === "playbook.yaml") start = new File(file, text, lang).string("start");
    const kind = file.startsWith("menus/") ? "menu" : file.startsWith("flows/") ? "flow" : undefined;
    if (!kind || !/\.ya?ml$/.test(file)) continue;
    const f = new File(file, text, lang);
    const name = f.string(kind) ?? file.replace(/^.*\/|\.ya?ml$/g, "");
    const rows = kind === "menu" ? menuRows(f) : flowRows(f);
    const title = kind === "menu" ? f.text("prompt") : f.text("title");
    boxes.set(`${kind}:${name}`, { id: `${kind}:${name}`, kind, name, title: title || name, file, line: 1, rows: rows.slice(0, MAX_ROWS), troubles: problems.filter((p) => p.file === file) });
  }
  for (const box of [...boxes.values()]) {
    for (const row of box.rows) {
      if (!row.to || boxes.has(row.to)) continue;
      const [kind, name] = row.to.split(":");
      if (!name) continue; // back and start lead to where one came from
      const known = kind === "queue" || kind === "article";
      boxes.set(row.to, { id: row.to, kind: known ? kind : "missing", name, title: titleOf(kind, name, files, lang), file: kind === "article" ? articleFile(name, files, lang) : kind === "queue" && files["queues.yaml"] ? "queues.yaml" : undefined, line: 1, rows: [], troubles: [] });
    }
  }
  return { start, boxes: [...boxes.values()] };
}

function articleFile(slug: string, files: Files, lang: Lang): string | undefined {
  return [`articles/${slug}.${lang}.md`, `articles/${slug}.en.md`, `articles/${slug}.zh.md`].find((p) => p in files);
}

function titleOf(kind: string, name: string, files: Files, lang: Lang): string {
  if (kind === "article") {
    const file = articleFile(name, files, lang);
    return (file && /^title:\s*["']?(.+?)["']?\s*$/m.exec(files[file])?.[1]) || name;
  }
  if (kind === "queue" && files["queues.yaml"]) {
    const f = new File("queues.yaml", files["queues.yaml"], lang);
    for (const q of f.list("queues")) if (isMap(q) && f.string("name", q) === name) return f.text("title", q) || name;
  }
  return name;
}

function menuRows(f: File): Row[] {
  return f.list("choices").flatMap((c): Row[] => {
    if (!isMap(c)) return [];
    const key = f.string("key", c);
    return [{ kind: "choice", text: `${key ? `${key}  ` : ""}${f.text("label", c)}`, to: f.string("go", c), line: f.line(c) }];
  });
}

function flowRows(f: File): Row[] {
  const rows: Row[] = [];
  const slots = f.get("slots");
  if (isMap(slots))
    for (const pair of slots.items) {
      const slot = isMap(pair.value) ? pair.value : undefined;
      const name = isScalar(pair.key) ? String(pair.key.value) : "";
      rows.push({ kind: "slot", text: (slot && (f.text("label", slot) || f.text("ask", slot))) || name, line: f.line(pair.key as Node), optional: f.string("optional", slot) === "true" || f.get("when", slot) !== undefined });
    }
  for (const r of f.list("rules")) if (isMap(r)) rows.push({ kind: "rule", text: f.string("when", r) ?? "", line: f.line(r), to: f.string("go", r) });
  const confirm = f.string("confirm");
  if (confirm && confirm !== "none") rows.push({ kind: "confirm", text: confirm, line: f.line(f.get("confirm")) });
  const act = f.get("do");
  if (isMap(act)) {
    rows.push({ kind: "do", text: f.string("tool", act) ?? "", line: f.line(act) });
    const failed = f.get("failed", act);
    if (isMap(failed)) rows.push({ kind: "failed", text: f.text("say", failed), line: f.line(failed), to: f.string("go", failed) });
  }
  const then = f.get("then");
  for (const end of isSeq(then) ? (then.items as Node[]) : then ? [then] : [])
    if (isMap(end)) rows.push({ kind: "then", text: [f.string("when", end), f.text("say", end)].filter(Boolean).join(" → "), line: f.line(end), to: f.string("go", end) });
  return rows;
}

class File {
  private readonly lines = new LineCounter();
  private readonly root: YAMLMap | undefined;

  constructor(
    readonly name: string,
    text: string,
    private readonly lang: Lang,
  ) {
    const doc = parseDocument(text, { lineCounter: this.lines, strict: false, uniqueKeys: false });
    this.root = isMap(doc.contents) ? (doc.contents as YAMLMap) : undefined;
  }

  get(key: string, map: YAMLMap | undefined = this.root): Node | undefined {
    const node = map?.get(key, true);
    return (node as Node | undefined) ?? undefined;
  }
  list(key: string): Node[] {
    const node = this.get(key);
    return isSeq(node) ? (node.items as Node[]) : [];
  }
  string(key: string, map: YAMLMap | undefined = this.root): string | undefined {
    const node = this.get(key, map);
    return isScalar(node) && node.value !== null && node.value !== undefined ? String(node.value) : undefined;
  }
  /** A text in the reader's language, else in whichever there is. */
  text(key: string, map: YAMLMap | undefined = this.root): string {
    const node = this.get(key, map);
    if (isScalar(node)) return String(node.value ?? "");
    if (!isMap(node)) return "";
    return this.string(this.lang, node as YAMLMap) ?? this.string("en", node as YAMLMap) ?? this.string("zh", node as YAMLMap) ?? "";
  }
  line(node: Node | undefined): number {
    return node?.range ? this.lines.linePos(node.range[0]).line : 1;
  }
}
