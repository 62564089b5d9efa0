import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { BookOpenText, CircleUser, MessageSquare, Plus, Search, SunMoon, Zap } from "lucide-react";
import { type ReactNode, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { Contact, Hit, InboxRow, Presence } from "../api/types";
import { currentLang, setLang } from "../i18n";
import { useWho } from "../inbox/who";
import { theme } from "../lib/prefs";
import { may, useMe } from "../lib/session";
import { goTo } from "../router";
import { Dialog } from "../ui/overlay";
import { Skeleton } from "../ui/state";
import { places } from "./nav";
import { savePref, signOut, usePresence } from "./presence";

interface Item {
  id: string;
  group: "actions" | "people" | "conversations" | "articles";
  icon: ReactNode;
  label: string;
  note?: string;
  run: () => void;
}

/** Finds any person, conversation, article and action. */
export function Palette({ open, onClose, onHelp }: { open: boolean; onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t("palette.title")} bare wide>
      <Inside onClose={onClose} onHelp={onHelp} />
    </Dialog>
  );
}

function Inside({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const q = useDeferredValue(text.trim());
  const found = useFound(q);
  const actions = useActions(onHelp);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const base = useId();

  const items = useMemo(() => {
    const low = q.toLowerCase();
    const match = actions.filter((a) => !low || a.label.toLowerCase().includes(low));
    return q ? [...found.items, ...match] : match;
  }, [q, actions, found.items]);
  useEffect(() => setAt(0), [q]);
  const pos = Math.min(at, Math.max(0, items.length - 1));
  useEffect(() => {
    list.current?.querySelector(`[data-at="${pos}"]`)?.scrollIntoView({ block: "nearest" });
  }, [pos]);

  const run = (item?: Item) => {
    if (!item) return;
    onClose();
    item.run();
  };
  let group = "";
  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-4">
        <Search size={16} className="text-text-3" aria-hidden />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${base}-list`}
          aria-activedescendant={items[pos] ? `${base}-${pos}` : undefined}
          aria-label={t("palette.title")}
          placeholder={t("palette.placeholder")}
          className="h-12 flex-1 bg-transparent text-base outline-none"
          value={text}
          onChange={(e) => setText(e.target.value)}
          onKeyDown={(e) => {
            if (e.nativeEvent.isComposing) return;
            if (e.key === "ArrowDown" || e.key === "ArrowUp") {
              e.preventDefault();
              const n = items.length;
              if (n) setAt((pos + (e.key === "ArrowDown" ? 1 : n - 1)) % n);
            } else if (e.key === "Enter") {
              e.preventDefault();
              run(items[pos]);
            }
          }}
        />
      </div>
      <div ref={list} id={`${base}-list`} role="listbox" aria-label={t("palette.results")} className="max-h-96 overflow-y-auto p-1.5">
        {items.map((item, i) => {
          const head = item.group !== group;
          group = item.group;
          return (
            <div key={item.id} role="presentation">
              {head && <div role="presentation" className="px-2 pt-2 pb-1 text-xs text-text-3">{t(`palette.${item.group}`)}</div>}
              <div
                role="option"
                tabIndex={-1}
                id={`${base}-${i}`}
                data-at={i}
                aria-selected={i === pos}
                onPointerMove={() => setAt(i)}
                onClick={() => run(item)}
                onKeyDown={() => {}}
                className={clsx("flex cursor-pointer items-center gap-2.5 rounded-md px-2 py-2", i === pos && "bg-accent-soft text-accent-text")}
              >
                <span className="text-text-3">{item.icon}</span>
                <span className="truncate">{item.label}</span>
                {item.note && <span className="ml-auto max-w-[45%] truncate text-xs text-text-3">{item.note}</span>}
              </div>
            </div>
          );
        })}
        {found.loading && items.length === 0 && <div className="space-y-3 p-2"><Skeleton className="h-4 w-2/3" /><Skeleton className="h-4 w-1/2" /></div>}
        {!found.loading && items.length === 0 && <p className="px-2 py-6 text-center text-text-3">{t("palette.nothing", { q })}</p>}
      </div>
    </>
  );
}

function useFound(q: string): { items: Item[]; loading: boolean } {
  const me = useMe();
  const who = useWho();
  const on = q.length > 0;
  const wait = 60_000;
  const people = useQuery({ queryKey: ["find", "people", q], enabled: on && may(me, "contacts.read"), staleTime: wait, queryFn: async () => listOf<Contact>(await api.get("/api/contacts", { q, limit: 5 })) });
  const talks = useQuery({ queryKey: ["find", "conversations", q], enabled: on && may(me, "inbox.mine"), staleTime: wait, queryFn: async () => listOf<InboxRow>(await api.get("/api/conversations", { tab: may(me, "inbox.all") ? "all" : "mine", q, limit: 6 })) });
  const texts = useQuery({ queryKey: ["find", "articles", q], enabled: on && may(me, "articles.read"), staleTime: wait, queryFn: async () => listOf<Hit>(await api.get("/api/search", { q, limit: 5 })) });
  const items: Item[] = [
    ...(talks.data ?? []).slice(0, 6).map((r): Item => ({ id: `c${r.id}`, group: "conversations", icon: <MessageSquare size={16} aria-hidden />, label: who(r.contact, r), note: r.subject || r.preview, run: () => goTo(`/inbox/${r.id}`) })),
    ...(people.data ?? []).slice(0, 5).map((c): Item => ({ id: `p${c.id}`, group: "people", icon: <CircleUser size={16} aria-hidden />, label: c.name || c.email || who(c), note: c.email ?? c.phone, run: () => goTo(`/inbox?tab=${may(me, "inbox.all") ? "all" : "mine"}&q=${encodeURIComponent(c.name || c.email || c.phone || "")}`) })),
    ...unique(texts.data ?? []).slice(0, 5).map((h): Item => ({ id: `a${h.source.article_id}`, group: "articles", icon: <BookOpenText size={16} aria-hidden />, label: h.source.title, note: h.heading ?? h.source.slug, run: () => goTo(`/knowledge/${h.source.article_id}`) })),
  ];
  return { items, loading: people.isFetching || talks.isFetching || texts.isFetching };
}

/** One line per article, however many of its passages were found. */
const unique = (hits: Hit[]) => [...new Map(hits.map((h) => [h.source.article_id, h])).values()];

function useActions(onHelp: () => void): Item[] {
  const { t } = useTranslation();
  const me = useMe();
  const presence = usePresence();
  const act = (id: string, label: string, run: () => void, icon: ReactNode = <Zap size={16} aria-hidden />): Item => ({ id, group: "actions", label, run, icon });
  return [
    ...places.filter((p) => p.open(me)).map((p) => act(`go-${p.name}`, t("palette.go", { place: t(`nav.${p.name}`) }), () => goTo(p.to), <p.icon size={16} aria-hidden />)),
    ...(may(me, "articles.write") ? [act("new-article", t("knowledge.new"), () => goTo("/knowledge/new"), <Plus size={16} aria-hidden />)] : []),
    ...(me.agent ? (["available", "busy", "away"] as Presence[]).map((p) => act(`be-${p}`, t("palette.be", { presence: t(`presence.${p}`) }), () => void presence(p))) : []),
    act("theme", t("palette.theme"), () => {
      const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      theme.set(next);
      savePref({ theme: next });
    }, <SunMoon size={16} aria-hidden />),
    act("lang", currentLang() === "zh" ? "English" : "中文", () => {
      const next = currentLang() === "zh" ? "en" : "zh";
      void setLang(next);
      savePref({ lang: next });
    }),
    act("keys", t("keys.title"), onHelp),
    act("out", t("shell.sign_out"), () => void signOut()),
  ];
}
