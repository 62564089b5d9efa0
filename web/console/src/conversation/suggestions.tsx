import { clsx } from "clsx";
import { BookOpenText, MessageSquareQuote, PencilLine, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client, conversationQuery } from "../api/queries";
import type { Opened, Suggestion } from "../api/types";
import { ALT, MOD, useKeys } from "../lib/keys";
import { Markdown } from "../lib/markdown";
import { percent } from "../lib/time";
import { Kbd } from "../ui/button";
import type { Goes } from "../voice/written";
import { insert } from "./composer";
import { HOLD, outbox, outgoing } from "./sending";
import { useStore } from "../lib/store";

/** Two or three ready replies above the composer, readable as they are. Nothing when there is none. */
export function Suggestions({ id, items, goes }: { id: string; items: Suggestion[]; goes?: Goes }) {
  const { t } = useTranslation();
  // One that was clicked is out of sight while it is on its way.
  const pending = useStore(outgoing).some((o) => o.conversation === id && !o.private && o.suggestion);
  const shown = pending ? [] : [...items].sort((a, b) => a.rank - b.rank).slice(0, 3);
  const send = (s?: Suggestion) => {
    if (!s) return false;
    outbox.post({ conversation: id, text: s.text, suggestion: s.id }, HOLD);
  };
  const put = (s?: Suggestion) => {
    if (!s) return false;
    insert(id, s.text, s.id);
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
          {shown.map((s, i) => (
            <li key={s.id} data-testid="suggestion" className="group relative flex items-stretch rounded-lg border border-accent-line bg-surface hover:border-accent">
              <button type="button" onClick={() => send(s)} className="min-w-0 flex-1 rounded-l-lg px-3 py-2 text-left hover:bg-accent-soft">
                <span className="sr-only">{t("suggestions.send", { text: "" })}</span>
                <div className={goes && "line-clamp-3 [&_*]:my-0"}><Markdown text={s.text} /></div>
                <span className="mt-1 flex items-center gap-1.5 text-2xs text-text-3">
                  {s.kind === "article" ? <BookOpenText size={11} aria-hidden /> : <MessageSquareQuote size={11} aria-hidden />}
                  <span className="truncate">{s.source?.title || s.title || t(`suggestions.${s.kind}`)}</span>
                  <span>·</span>
                  <span className="tabular-nums">{t("suggestions.confidence", { p: percent(s.confidence) })}</span>
                </span>
              </button>
              <div className="flex flex-col items-end justify-between border-l border-line p-1.5">
                <Kbd>{`${MOD} ${i + 1}`}</Kbd>
                <button type="button" onClick={() => put(s)} title={`${t("suggestions.edit")} (${ALT} ${i + 1})`} aria-label={t("suggestions.edit")} className="rounded-md p-1.5 text-text-3 hover:bg-sunken hover:text-text">
                  <PencilLine size={14} aria-hidden />
                </button>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
