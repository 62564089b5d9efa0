import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { BookOpenText, ExternalLink, History, Lock, MessageSquareQuote, PencilLine, Plug, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { cannedQuery, client, conversationQuery } from "../api/queries";
import type { Opened, Suggestion } from "../api/types";
import { ALT, MOD, useKeys } from "../lib/keys";
import { Markdown } from "../lib/markdown";
import { may, useMe } from "../lib/session";
import { useStore } from "../lib/store";
import { percent } from "../lib/time";
import { Kbd } from "../ui/button";
import { TextInput } from "../ui/field";
import type { Goes } from "../voice/written";
import { insert } from "./composer";
import { complete, filledIn, missing, nameOf } from "./filled";
import { HOLD, outbox, outgoing } from "./sending";

const icons = { article: BookOpenText, canned: MessageSquareQuote, past: History, external: Plug };

/** Two or three ready replies above the composer, readable as they are. Nothing when there is none. */
export function Suggestions({ opened, goes }: { opened: Opened; goes?: Goes }) {
  const { t } = useTranslation();
  const me = useMe();
  const id = opened.conversation.id;
  const [given, setGiven] = useState<Record<string, Record<string, string>>>({});
  // One that was clicked is out of sight while it is on its way.
  const pending = useStore(outgoing).some((o) => o.conversation === id && !o.private && o.suggestion);
  const items = opened.suggestions ?? [];
  const ours = [...items].filter((s) => s.kind !== "external").sort((a, b) => a.rank - b.rank).slice(0, 3);
  const theirs = items.filter((s) => s.kind === "external").sort((a, b) => a.rank - b.rank).slice(0, 3);
  const shown = pending ? [] : [...ours, ...theirs];
  const canned = useQuery({ ...cannedQuery, enabled: may(me, "canned.read") && shown.some((s) => s.kind === "canned") }).data;
  const textOf = (s: Suggestion) => complete(s, canned, opened, me.name, given[s.id] ?? {});
  const put = (s?: Suggestion) => {
    if (!s) return false;
    insert(id, textOf(s), s.id);
  };
  const send = (s?: Suggestion) => {
    if (!s) return false;
    if (s.internal) return put(s); // it goes out in the agent's words only
    outbox.post({ conversation: id, text: textOf(s), suggestion: s.id, edited: textOf(s) !== s.text }, HOLD);
  };
  useKeys({
    "mod+1": () => send(shown[0]), "mod+2": () => send(shown[1]), "mod+3": () => send(shown[2]),
    "alt+1": () => put(shown[0]), "alt+2": () => put(shown[1]), "alt+3": () => put(shown[2]),
  });
  if (shown.length === 0) return null;
  const ignore = () => {
    client.setQueryData<Opened>(conversationQuery(id).queryKey, (o) => o && { ...o, suggestions: [] });
    for (const s of shown) api.post(`/api/conversations/${id}/suggestions/${s.id}/ignore`).catch(() => {});
  };
  return (
    <section aria-label={t("suggestions.label")} className="border-t border-line bg-surface px-4 pt-2 pb-2 max-md:px-3">
      <div className="mx-auto max-w-205">
        <div className="mb-1 flex items-center justify-between">
          <h3 className="text-xs text-text-3">{t(goes === "page" || goes === "link" ? "suggestions.to_page" : goes === "nowhere" ? "suggestions.to_say" : goes === "sms" ? "suggestions.by_sms" : "suggestions.title")}</h3>
          <button type="button" onClick={ignore} className="flex items-center gap-1 rounded-md px-1.5 text-xs text-text-3 hover:bg-sunken hover:text-text">
            <X size={12} aria-hidden />
            {t("suggestions.ignore")}
          </button>
        </div>
        <ul className={clsx("space-y-1.5 overflow-y-auto", goes ? "max-h-[28vh]" : "max-h-[34vh]")}>
          {shown.map((s, i) => {
            const Icon = s.internal ? Lock : icons[s.kind];
            const filled = filledIn(s, opened, me.name);
            const asked = missing(s, canned, opened, me.name);
            return (
              <li key={s.id} data-testid="suggestion" data-kind={s.kind} className="rounded-lg border border-accent-line bg-surface hover:border-accent">
                <div className="flex items-stretch">
                  <button type="button" onClick={() => send(s)} className="min-w-0 flex-1 rounded-l-lg px-3 py-2 text-left hover:bg-accent-soft">
                    <span className="sr-only">{t(s.internal ? "suggestions.edit" : "suggestions.send", { text: "" })}</span>
                    <div className={goes && "line-clamp-3 [&_*]:my-0"}><Markdown text={textOf(s)} /></div>
                    <span className="mt-1 flex flex-wrap items-center gap-x-1.5 text-2xs text-text-3">
                      <Icon size={11} aria-hidden />
                      <span className="shrink-0">{s.internal ? t("assist.internal") : s.kind === "external" ? s.label || t("suggestions.external") : t(`suggestions.${s.kind}`)}</span>
                      {s.kind !== "past" && (s.source?.title || s.title) && <span className="max-w-72 truncate">· {s.source?.title || s.title}</span>}
                      {s.times ? <span className="tabular-nums">· {t("assist.times", { count: s.times })}</span> : null}
                      {s.confidence > 0 && <span className="tabular-nums">· {t("suggestions.confidence", { p: percent(s.confidence) })}</span>}
                      {filled.length > 0 && <span>· {t("assist.filled")} {filled.map((v) => <mark key={v} className="mr-1 rounded-sm bg-accent-soft px-1 text-accent-text">{v}</mark>)}</span>}
                    </span>
                  </button>
                  <div className="flex flex-col items-end justify-between border-l border-line p-1.5">
                    {i < 3 ? <Kbd>{`${MOD} ${i + 1}`}</Kbd> : <span />}
                    <button type="button" onClick={() => put(s)} title={i < 3 ? `${t("suggestions.edit")} (${ALT} ${i + 1})` : t("suggestions.edit")} aria-label={t("suggestions.edit")} className="rounded-md p-1.5 text-text-3 hover:bg-sunken hover:text-text">
                      <PencilLine size={14} aria-hidden />
                    </button>
                  </div>
                </div>
                {(asked.length > 0 || s.url) && (
                  <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-1.5 text-xs">
                    {asked.map((name) => (
                      <label key={name} className="flex items-center gap-1.5 text-text-2">
                        {t("assist.missing", { name: nameOf(name) })}
                        <TextInput className="!h-6 w-36 text-xs" value={given[s.id]?.[name] ?? ""} maxLength={200} onChange={(e) => setGiven((g) => ({ ...g, [s.id]: { ...g[s.id], [name]: e.target.value } }))} onKeyDown={(e) => { if (e.key === "Enter") put(s); }} />
                      </label>
                    ))}
                    {s.url && <a href={s.url} target="_blank" rel="noopener noreferrer" className="inline-flex max-w-full items-center gap-1 truncate text-accent-text underline"><ExternalLink size={11} aria-hidden />{t("assist.open_link", { host: hostOf(s.url) })}</a>}
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
