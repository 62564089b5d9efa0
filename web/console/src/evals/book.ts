import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { parse } from "yaml";
import type { Text } from "../api/types";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import { currentLang, textIn } from "../i18n";
import { type Files, filesQuery, playbookQuery, playbooksQuery } from "../playbooks/api";
import type { FakeFile } from "./types";

// What a playbook is made of, by the names that people know it by.

export interface Named {
  name: string;
  title: string;
}
export interface SlotOf extends Named {
  type: string;
  options: Named[];
  optional: boolean;
}
export interface Book {
  name: string;
  title: string;
  revision: number;
  zone: string;
  langs: string[];
  flows: (Named & { slots: SlotOf[] })[];
  menus: Named[];
  queues: Named[];
  articles: Named[];
  /** How the tools answer in the playbook's own suites. */
  tools: Record<string, FakeFile>;
}

type Yaml = Record<string, unknown>;
const map = (x: unknown): Yaml => (x && typeof x === "object" && !Array.isArray(x) ? (x as Yaml) : {});
const rows = (x: unknown): Yaml[] => (Array.isArray(x) ? x.map(map) : []);
const text = (x: unknown) => textIn(x as Text);

function read(file: string): Yaml {
  try {
    return map(parse(file, { strict: false, uniqueKeys: false }));
  } catch {
    return {};
  }
}

/** A playbook read from its files; one that cannot be read is left out. */
export function readBook(name: string, title: string, revision: number, files: Files, paths: string[]): Book {
  const folder = (f: string) => Object.entries(files).filter(([p]) => p.startsWith(`${f}/`)).map(([, s]) => read(s));
  const top = read(files["playbook.yaml"] ?? "");
  const slugs = [...new Set(paths.flatMap((p) => /^articles\/(.+?)(?:\.(?:en|zh))?\.md$/.exec(p)?.[1] ?? []))];
  const tools: Book["tools"] = {};
  for (const suite of folder("tests"))
    for (const [tool, fake] of Object.entries(map(suite.tools))) if (!tools[tool] || tools[tool].error) tools[tool] = fake as FakeFile;
  return {
    name,
    title,
    revision,
    zone: String(top.zone ?? "UTC"),
    langs: Array.isArray(top.langs) ? top.langs.map(String) : ["en", "zh"],
    flows: folder("flows").filter((f) => f.flow).map((f) => ({
      name: String(f.flow),
      title: text(f.title) || String(f.flow),
      slots: Object.entries(map(f.slots)).map(([slot, s]) => ({
        name: slot,
        title: text(map(s).label) || slot,
        type: String(map(s).type ?? "text"),
        optional: map(s).optional === true,
        options: rows(map(s).of).map((o) => ({ name: String(o.value), title: text(o.label) || String(o.value) })),
      })),
    })),
    menus: folder("menus").filter((m) => m.menu).map((m) => ({ name: String(m.menu), title: text(m.prompt) || String(m.menu) })),
    queues: rows(read(files["queues.yaml"] ?? "").queues).map((q) => ({ name: String(q.name), title: text(q.title) || String(q.name) })),
    articles: slugs.map((s) => ({ name: s, title: s })),
    tools,
  };
}

/** What the published articles of a playbook are called, by the slugs that tests name. */
export const articleNamesQuery = (playbook: string, lang: string) =>
  queryOptions({
    queryKey: ["articles", "names", playbook, lang],
    staleTime: 60_000,
    enabled: playbook !== "",
    queryFn: async () => listOf<{ slug: string; title: string }>(await api.get("/api/evals/articles", { playbook, lang })),
  });

/** The articles of a playbook by title: those that are published, and those of its files. */
export function useArticleNames(playbook: string, lang: string, files: Named[]): Named[] {
  const live = useQuery(articleNamesQuery(playbook, lang)).data;
  return useMemo(() => {
    const out = new Map(files.map((a) => [a.name, a.title]));
    for (const a of live ?? []) out.set(a.slug, a.title);
    return [...out].map(([name, title]) => ({ name, title })).sort((a, b) => a.title.localeCompare(b.title));
  }, [files, live]);
}

const NONE: Named[] = [];

/** The live revision of a playbook, for pickers; undefined while it is fetched. */
export function useBook(name: string): { book?: Book; error?: unknown } {
  const page = useQuery({ ...playbookQuery(name), enabled: name !== "" });
  const title = useQuery(playbooksQuery).data?.find((p) => p.name === name)?.title;
  const all = useMemo(() => page.data?.files.map((f) => f.path) ?? [], [page.data]);
  const paths = useMemo(() => all.filter((p) => /^(?:(?:flows|menus|tests)\/.*|playbook|queues)\.ya?ml$/.test(p)), [all]);
  const files = useQuery(filesQuery(name, page.data?.live_revision ?? 0, paths));
  const read = useMemo(() => (page.data && files.data ? readBook(name, textIn(title) || name, page.data.live_revision, files.data, all) : undefined), [name, title, page.data, files.data, all]);
  const articles = useArticleNames(name, currentLang(), read?.articles ?? NONE);
  const book = useMemo(() => read && { ...read, articles }, [read, articles]);
  return { book, error: page.error ?? files.error ?? undefined };
}

/** The names of every playbook that is live. */
export function useBooks(): Named[] {
  const rows = useQuery(playbooksQuery).data;
  return useMemo(() => (rows ?? []).map((r) => ({ name: r.name, title: textIn(r.title) || r.name })), [rows]);
}

/** Now, on the clock of a zone, as files write it: 2026-01-05T09:00. */
export function nowIn(zone: string, at = new Date()): string {
  const part = (timeZone: string) => new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" }).format(at).replace(" ", "T");
  try {
    return part(zone);
  } catch {
    return part("UTC");
  }
}
