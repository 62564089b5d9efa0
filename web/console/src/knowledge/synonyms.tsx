import { useQuery } from "@tanstack/react-query";
import { ArrowRight, Plus, Replace, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client } from "../api/queries";
import type { Lang } from "../api/types";
import { currentLang, textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { playbooksQuery } from "../playbooks/api";
import { When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Chips, Select, TextInput } from "../ui/field";
import { Empty, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { Frame } from "./frame";
import { TrySearch } from "./try-search";

interface Synonym {
  words: string[];
  /** One way: who asks with a word finds what is written with this. */
  of?: string;
}
interface Set {
  version: number;
  synonyms: Synonym[];
  updated_at?: string;
  updated_by?: string;
}
/** A group while it is edited; its key outlives its words. */
interface Group extends Synonym {
  key: number;
  oneWay: boolean;
}

let nextKey = 1;
const groupsOf = (list: Synonym[]): Group[] => list.map((s) => ({ ...s, key: nextKey++, oneWay: !!s.of }));
/** The groups that say something; the others wait in the editor until they do. */
const whole = (list: Group[]): Synonym[] =>
  list.filter((g) => (g.oneWay ? g.words.length > 0 && g.of?.trim() : g.words.length > 1)).map((g) => (g.oneWay ? { words: g.words, of: g.of?.trim() } : { words: g.words }));

/** Words that mean the same, for a playbook and a language. What is complete is saved, and used at once. */
export function Synonyms() {
  const { t } = useTranslation();
  const me = useMe();
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const [playbook, setPlaybook] = useState("");
  const [lang, setLang] = useState<Lang>(currentLang());
  const [round, setRound] = useState(0);
  const found = useQuery({ queryKey: ["synonyms", playbook, lang], queryFn: () => api.get<Set>("/api/synonyms", { playbook, lang }), staleTime: 0 });
  return (
    <Frame sub={t("synonyms.sub")}>
      <div className="flex min-h-full max-lg:flex-col">
        <section aria-label={t("knowledge.room.synonyms")} className="min-w-0 flex-1">
          <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-6">
            <Select className="!w-auto" aria-label={t("sources.playbook")} value={playbook} onChange={(e) => setPlaybook(e.target.value)}>
              <option value="">{t("sources.everybody")}</option>
              {books.data?.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
            </Select>
            <Select className="!w-auto" aria-label={t("knowledge.lang")} value={lang} onChange={(e) => setLang(e.target.value as Lang)}>
              <option value="en">English</option>
              <option value="zh">中文</option>
            </Select>
          </div>
          {found.isPending ? (
            <SkeletonRows />
          ) : found.isError ? (
            <Failed error={found.error} retry={() => void found.refetch()} />
          ) : (
            <Groups key={`${playbook} ${lang} ${round}`} playbook={playbook} lang={lang} set={found.data} readOnly={!may(me, "articles.publish")} reload={() => void found.refetch().then(() => setRound((n) => n + 1))} />
          )}
        </section>
        <aside aria-label={t("synonyms.try")} className="w-100 shrink-0 border-l border-line bg-bg max-lg:w-full max-lg:border-t max-lg:border-l-0">
          <TrySearch playbook={playbook} lang={lang} />
        </aside>
      </div>
    </Frame>
  );
}

function Groups({ playbook, lang, set, readOnly, reload }: { playbook: string; lang: Lang; set: Set; readOnly: boolean; reload: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [groups, setGroups] = useState(() => groupsOf(set.synonyms ?? []));
  const [version, setVersion] = useState(set.version);
  const [saved, setSaved] = useState({ at: set.updated_at, by: set.updated_by, text: JSON.stringify(set.synonyms ?? []) });
  const [state, setState] = useState<"idle" | "saving" | "failed" | "stale">("idle");
  const [why, setWhy] = useState("");
  const sending = useRef(false);
  const now = whole(groups);
  const dirty = JSON.stringify(now) !== saved.text;

  useEffect(() => {
    if (!dirty || readOnly || state === "stale" || sending.current) return;
    const timer = setTimeout(async () => {
      sending.current = true;
      setState("saving");
      try {
        const s = await api.put<Set>("/api/synonyms", { playbook: playbook || undefined, lang, version, synonyms: now });
        setVersion(s.version);
        setSaved({ at: s.updated_at, by: s.updated_by, text: JSON.stringify(now) });
        setState("idle");
        void client.invalidateQueries({ queryKey: ["search"] });
      } catch (err) {
        setState(err instanceof ApiError && err.status === 409 ? "stale" : "failed");
        setWhy(text(err));
      } finally {
        sending.current = false;
      }
    }, 400);
    return () => clearTimeout(timer);
  }, [JSON.stringify(now), saved.text, version, state === "stale"]);

  const change = (key: number, c: Partial<Group>) => { setGroups((l) => l.map((g) => (g.key === key ? { ...g, ...c } : g))); if (state === "failed") setState("idle"); };
  const add = () => setGroups((l) => [{ key: nextKey++, words: [], oneWay: false }, ...l]);
  const remove = (g: Group) => {
    const at = groups.indexOf(g);
    setGroups((l) => l.filter((x) => x.key !== g.key));
    if (whole([g]).length) toast(t("synonyms.removed", { words: g.words.join(t("common.comma")) }), { undo: () => setGroups((l) => [...l.slice(0, at), g, ...l.slice(at)]) });
  };
  return (
    <div className="px-4 py-4 md:px-6">
      <div className="mb-3 flex flex-wrap items-center gap-3">
        {!readOnly && <Button icon={<Plus size={14} aria-hidden />} onClick={add}>{t("synonyms.add")}</Button>}
        <span className="text-xs text-text-3" aria-live="polite">
          {state === "saving" ? t("synonyms.saving") : saved.by ? <>{t("synonyms.saved", { who: saved.by })} · <When at={saved.at} /></> : null}
        </span>
      </div>
      {state === "stale" && (
        <div className="mb-3"><Note meaning="warning">{t("synonyms.stale")} <button type="button" className="font-semibold underline underline-offset-2" onClick={reload}>{t("synonyms.reload")}</button></Note></div>
      )}
      {state === "failed" && <div className="mb-3"><Note meaning="breach">{why}</Note></div>}
      {groups.length === 0 ? (
        <Empty icon={<Replace size={18} aria-hidden />} title={t("synonyms.empty")}>{t("synonyms.empty_text")}</Empty>
      ) : (
        <ul className="space-y-2">
          {groups.map((g) => (
            <Row key={g.key} group={g} readOnly={readOnly} change={(c) => change(g.key, c)} remove={() => remove(g)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ group: g, readOnly, change, remove }: { group: Group; readOnly: boolean; change: (c: Partial<Group>) => void; remove: () => void }) {
  const { t } = useTranslation();
  const id = `words-${g.key}`;
  const incomplete = whole([g]).length === 0;
  if (readOnly)
    return (
      <li className="flex flex-wrap items-center gap-1.5 rounded-md border border-line px-3 py-2">
        {g.words.map((w) => <span key={w} className="rounded-sm bg-sunken px-2 text-xs leading-6">{w}</span>)}
        {g.of && <><ArrowRight size={14} aria-label={t("synonyms.finds")} /><span className="rounded-sm bg-accent-soft px-2 text-xs leading-6">{g.of}</span></>}
      </li>
    );
  return (
    <li className="flex items-start gap-2 max-sm:flex-wrap">
      <div className="min-w-0 flex-1 max-sm:basis-full">
        <label htmlFor={id} className="sr-only">{t("synonyms.words")}</label>
        <Chips id={id} values={g.words} onChange={(words) => change({ words })} placeholder={t("synonyms.words_hint")} removeLabel={(what) => t("common.remove", { what })} />
        {incomplete && <p className="mt-1 text-xs text-text-3">{g.oneWay ? t("synonyms.incomplete_one_way") : t("synonyms.incomplete")}</p>}
      </div>
      {g.oneWay && (
        <>
          <ArrowRight size={16} aria-hidden className="mt-2 shrink-0 text-text-3" />
          <TextInput className="!w-44 max-sm:!w-auto max-sm:flex-1" value={g.of ?? ""} maxLength={60} aria-label={t("synonyms.of")} placeholder={t("synonyms.of")} onChange={(e) => change({ of: e.target.value })} />
        </>
      )}
      <button type="button" aria-pressed={g.oneWay} title={t("synonyms.one_way_text")} onClick={() => change({ oneWay: !g.oneWay, of: g.oneWay ? undefined : g.of })} className="h-8 shrink-0 rounded-md px-2 text-xs text-text-2 hover:bg-sunken aria-pressed:bg-accent-soft aria-pressed:text-accent-text">{t("synonyms.one_way")}</button>
      <IconButton label={t("synonyms.remove")} onClick={remove}><Trash2 size={14} aria-hidden /></IconButton>
    </li>
  );
}
