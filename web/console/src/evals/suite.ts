import { parse, stringify } from "yaml";
import type { Content, Mark, Option, Pick } from "../api/types";
import type { CaseFile, CustomerFile, Expect, SuiteFile } from "./types";

// What a test case is made of, and how what happened becomes what is expected.

/** One expectation: "flow", "slots.size", "called.place_order.size", "said". */
export interface Row {
  key: string;
  value: string;
}

const lists = ["offered", "clarified", "reaches"] as const;
const words = ["said", "not_said"] as const;
const flags = ["confirming", "steered"] as const;
const texts = ["flow", "completed", "cancelled", "asking", "refused", "answered", "menu", "handed_over", "status"] as const;

/** The expectations of a turn in the order in which people read them. */
export function rowsOf(e: Expect | undefined): Row[] {
  if (!e) return [];
  const out: Row[] = [];
  const text = (k: (typeof texts)[number]) => e[k] !== undefined && out.push({ key: k, value: e[k] });
  text("flow");
  for (const [slot, value] of Object.entries(e.slots ?? {})) out.push({ key: `slots.${slot}`, value });
  for (const k of texts.slice(1)) text(k);
  for (const k of flags) if (e[k] !== undefined) out.push({ key: k, value: String(e[k]) });
  for (const k of lists) if (e[k]) out.push({ key: k, value: e[k].join(", ") });
  if (e.called) {
    if (Object.keys(e.called).length === 0) out.push({ key: "called", value: "" });
    for (const [tool, args] of Object.entries(e.called)) {
      out.push({ key: `called.${tool}`, value: "" });
      for (const [arg, value] of Object.entries(args ?? {})) out.push({ key: `called.${tool}.${arg}`, value });
    }
  }
  for (const k of words) for (const [i, value] of (e[k] ?? []).entries()) out.push({ key: `${k}.${i}`, value });
  return out;
}

const without = <T extends object>(x: T | undefined, key: string): T | undefined => {
  if (!x) return undefined;
  const { [key as keyof T]: _, ...rest } = x;
  return Object.keys(rest).length ? (rest as unknown as T) : undefined;
};

const split = (s: string) => s.split(/[,，]/).map((x) => x.trim()).filter(Boolean);

/** The expectations with one of them set, or, with undefined, without it. "said" and "not_said" without a number add words. */
export function withRow(e: Expect | undefined, key: string, value: string | undefined): Expect {
  const out: Expect = { ...e };
  const [head, name, ...more] = key.split(".");
  if (head === "slots") out.slots = value === undefined ? without(out.slots, name) : { ...out.slots, [name]: value };
  else if (head === "called") {
    const arg = more.join(".");
    if (!name) out.called = value === undefined ? undefined : {};
    else if (arg && out.called?.[name] && value === undefined) out.called = { ...out.called, [name]: without(out.called[name], arg) ?? {} };
    else if (value === undefined) out.called = without(out.called, name);
    else out.called = { ...out.called, [name]: { ...out.called?.[name], ...(arg ? { [arg]: value } : {}) } };
  } else if (head === "said" || head === "not_said") {
    const now = [...(out[head] ?? [])];
    if (name === undefined) now.push(value ?? "");
    else if (value === undefined) now.splice(Number(name), 1);
    else now[Number(name)] = value;
    out[head] = now.length ? now : undefined;
  } else if (head === "confirming" || head === "steered") out[head] = value === undefined ? undefined : value === "true";
  else if (head === "offered" || head === "clarified" || head === "reaches") out[head] = value === undefined ? undefined : value === "" ? [""] : split(value);
  else out[head as "flow"] = value;
  for (const k of Object.keys(out) as (keyof Expect)[]) if (out[k] === undefined) delete out[k];
  return out;
}

/** Flows begun and not ended, the active one last, and what each knows. */
export type Stack = { flow: string; slots: Record<string, string> }[];

export function follow(stack: Stack, marks: Mark[], ends = true): Stack {
  let out = stack.map((f) => ({ flow: f.flow, slots: { ...f.slots } }));
  for (const m of marks) {
    const at = out.find((f) => f.flow === m.flow);
    if (m.kind === "started" && m.flow) out = [...out.filter((f) => f.flow !== m.flow), { flow: m.flow, slots: {} }];
    else if (m.kind === "resumed" && at) out = [...out.filter((f) => f !== at), at];
    else if ((m.kind === "set" || m.kind === "corrected") && at && m.slot) at.slots[m.slot] = m.value ?? "";
    else if (m.kind === "refused" && at && m.slot) delete at.slots[m.slot];
    else if (ends && (m.kind === "completed" || m.kind === "cancelled")) out = out.filter((f) => f.flow !== m.flow);
  }
  return out;
}

/** What the bot did in one turn, from the try. */
export interface Happened {
  marks: Mark[];
  messages: Content[];
  asking?: string;
  queue?: string;
  status: string;
}

/** What happened in a turn as expectations that hold. before are the flows ahead of it. */
export function happened(h: Happened, before: Stack): Row[] {
  const out: Row[] = [];
  const add = (key: string, value: string | undefined) => value !== undefined && !out.some((r) => r.key === key) && out.push({ key, value });
  const of = (kind: string) => h.marks.filter((m) => m.kind === kind);
  const after = follow(before, h.marks);
  const done = of("completed").at(-1)?.flow;
  add("flow", after.at(-1)?.flow ?? done);
  const known = after.at(-1) ?? follow(before, h.marks, false).at(-1);
  for (const m of [...of("set"), ...of("corrected")]) {
    if (!m.slot || m.flow !== known?.flow || known?.slots[m.slot] === undefined || known.slots[m.slot].includes("•")) continue;
    add(`slots.${m.slot}`, known.slots[m.slot]);
  }
  for (const m of of("completed")) add("completed", m.flow);
  for (const m of of("cancelled")) add("cancelled", m.flow);
  for (const m of of("refused")) add("refused", m.slot);
  for (const m of of("answered")) add("answered", m.value);
  add("handed_over", h.queue);
  if (of("confirm").length) add("confirming", "true");
  if (of("steered").length) add("steered", "true");
  const offered = of("offered").at(-1)?.data?.options;
  if (offered && of("refused").length) add("offered", offered);
  const clarified = of("clarify").at(-1)?.data?.options;
  if (clarified) add("clarified", clarified);
  for (const m of of("menu")) add("menu", m.value);
  if (!h.queue && !of("confirm").length) add("asking", h.asking);
  for (const m of of("called")) {
    add(`called.${m.value}`, "");
    for (const [arg, v] of Object.entries(m.data ?? {})) if (!v.includes("•")) add(`called.${m.value}.${arg}`, v);
  }
  if (h.status === "closed") add("status", "closed");
  return out;
}

/** How a tap is called in a file: by what does not change with the words on it. */
export function tapName(p: Pick, label: string): string {
  if (p.verb === "go" && p.target) return p.target;
  if (p.verb === "answer" && p.value) return p.value;
  if (p.verb === "edit" && p.slot) return `edit:${p.slot}`;
  return p.verb || label;
}

/** The option that a file's tap means among those last offered, the newest first. */
export function findOption(said: Content[], what: string): Option | undefined {
  const all = said.toReversed().flatMap((c) => [...(c.options ?? []), ...(c.card?.lines?.flatMap((l) => (l.edit ? [l.edit] : [])) ?? [])]);
  const same = (a: string | undefined) => a !== undefined && a.toLowerCase() === what.toLowerCase();
  return all.find((o) => same(o.id) || same(o.label)) ?? all.find((o) => same(tapName(o.pick, o.label))) ?? all.find((o) => same(o.key) || same(o.pick.verb));
}

/** A case that expects something, or has a customer with a goal, can be played. */
export function complete(c: CaseFile): boolean {
  if (c.customer) return Boolean(c.customer.goal.flow || (c.customer.goal.ask && c.customer.goal.article) || c.customer.goal.queue);
  return Boolean(c.turns?.length) && (c.turns ?? []).concat({ expect: c.expect }).some((s) => rowsOf(s.expect).length > 0);
}

/** What has no words is left out; the server writes the rest. */
export function tidy(f: SuiteFile): SuiteFile {
  const list = (x?: string[]) => (x?.length ? x : undefined);
  return {
    version: 1,
    suite: f.suite || "scenario",
    now: f.now || undefined,
    tools: f.tools && Object.keys(f.tools).length ? f.tools : undefined,
    cases: f.cases.map((c) => ({
      name: c.name?.trim() || undefined,
      lang: c.lang,
      tags: list(c.tags),
      as: list(c.as),
      open: c.open === false ? false : undefined,
      customer: c.customer && customer(c.customer),
      turns: c.customer ? undefined : c.turns?.map((t) => ({ user: t.user, tap: t.tap, expect: rowsOf(t.expect).length ? t.expect : undefined })),
      expect: rowsOf(c.expect).length ? c.expect : undefined,
      judge: list(c.judge),
    })),
  };
}

function customer(c: CustomerFile): CustomerFile {
  const g = c.goal;
  const slots = Object.entries(g.slots ?? {}).filter(([, v]) => v.value.trim());
  return {
    by: c.by === "model" ? "model" : undefined,
    goal: {
      flow: g.flow || undefined,
      slots: g.flow && slots.length ? Object.fromEntries(slots.map(([k, v]) => [k, { value: v.value.trim(), say: v.say?.length ? v.say : undefined }])) : undefined,
      opens: g.opens?.length ? g.opens : undefined,
      ask: g.ask?.trim() || undefined,
      article: g.article || undefined,
      queue: g.queue || undefined,
      asides: g.asides?.length ? g.asides : undefined,
    },
    style: c.style?.length ? c.style : undefined,
    persona: c.by === "model" ? c.persona?.trim() || undefined : undefined,
    patience: c.patience || undefined,
  };
}

/** The file as text, for those who read it so. */
export function toYaml(f: SuiteFile): string {
  return stringify(JSON.parse(JSON.stringify(tidy(f))), { lineWidth: 120 });
}

/** The text as a file, where a single word may stand for a list; undefined when it cannot be read. */
export function fromYaml(text: string): SuiteFile | undefined {
  try {
    const f = parse(text) as SuiteFile;
    return f && Array.isArray(f.cases) && f.cases.length > 0 && f.cases.every((c) => c && typeof c === "object") ? normal(f) : undefined;
  } catch {
    return undefined;
  }
}

const list = (x: unknown): string[] | undefined => (x === undefined || x === null ? undefined : Array.isArray(x) ? x.map(String) : [String(x)]);
const strings = (x: object | undefined | null) => x && Object.fromEntries(Object.entries(x).map(([k, v]) => [k, v === null || v === undefined ? "" : String(v)]));

function normal(f: SuiteFile): SuiteFile {
  return {
    ...f,
    cases: f.cases.map((c) => ({
      ...c,
      tags: list(c.tags),
      as: list(c.as),
      judge: list(c.judge),
      expect: expectation(c.expect),
      turns: c.turns?.map((t) => ({ ...t, user: t.user === undefined || t.user === null ? undefined : String(t.user), tap: t.tap === undefined || t.tap === null ? undefined : String(t.tap), expect: expectation(t.expect) })),
      customer: c.customer && {
        ...c.customer,
        style: list(c.customer.style),
        goal: {
          ...c.customer.goal,
          opens: list(c.customer.goal?.opens),
          asides: list(c.customer.goal?.asides),
          slots: c.customer.goal?.slots && Object.fromEntries(Object.entries(c.customer.goal.slots).map(([k, v]) => [k, v && typeof v === "object" ? { value: String(v.value ?? ""), say: list(v.say) } : { value: String(v) }])),
        },
      },
    })),
  };
}

function expectation(e: Expect | undefined | null): Expect | undefined {
  if (!e) return undefined;
  const out: Expect = { ...e };
  for (const k of [...lists, ...words]) if (e[k] !== undefined) out[k] = list(e[k]);
  for (const k of texts) if (e[k] !== undefined && e[k] !== null) out[k] = String(e[k]);
  if (e.slots) out.slots = strings(e.slots) as Record<string, string>;
  if (e.called) out.called = Object.fromEntries(Object.entries(e.called).map(([k, v]) => [k, (strings(v) as Record<string, string>) ?? {}]));
  return out;
}
