import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, NotebookText, Sparkles } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import type { HandOver, Opened } from "../api/types";
import { currentLang } from "../i18n";
import { Button } from "../ui/button";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { messages } from "./apply";
import { type Summary, summaryQuery } from "./beside";
import { HandOverCard } from "./hand-over";
import { SummaryLines } from "./lines";

/** How far a conversation has come: what a summary depends on. */
export const saidSoFar = (opened: Opened) => messages(opened).filter((m) => !m.private).length;

/** What a colleague must know, in a few lines, above the thread; it folds. Until the first reply it is part of the hand-over card. */
export function SummaryCard({ opened, card, unfolded, write }: { opened: Opened; card?: HandOver; unfolded: boolean; write: boolean }) {
  const { t } = useTranslation();
  const [chosen, setOpen] = useState<boolean>();
  const open = chosen ?? (unfolded && matchMedia("(min-width: 768px)").matches);
  const { data } = useQuery({ ...summaryQuery(opened.conversation.id, currentLang(), saidSoFar(opened)), placeholderData: (before: Summary | undefined) => (before?.conversation_id === opened.conversation.id ? before : undefined) });
  const writes = write && data?.model && data.by === "rules" && <WriteIt opened={opened} />;
  if (card) return <HandOverCard card={card} summary={data}>{writes}</HandOverCard>;
  if (!data || data.lines.length === 0) return null;
  return (
    <section data-testid="summary" aria-label={t("assist.summary")} className="max-h-[34vh] shrink-0 overflow-y-auto border-b border-line bg-surface px-5 py-2 max-md:px-3">
      <div className="mx-auto max-w-205">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex w-full items-center gap-1.5 text-left text-xs text-text-3">
          <NotebookText size={12} aria-hidden className="shrink-0" />
          <span className="shrink-0 font-medium">{t("assist.summary")}</span>
          {!open && <span className="min-w-0 flex-1 truncate">{data.lines[0]?.text}</span>}
          {open && <span className="flex-1">{t(data.by === "model" ? "assist.by_model" : "assist.by_rules")}</span>}
          {open ? <ChevronUp size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
        </button>
        {open && <SummaryLines summary={data} className="mt-1.5" />}
        {open && writes}
      </div>
    </section>
  );
}

/** A model's words instead, when there is a model. */
function WriteIt({ opened }: { opened: Opened }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [busy, setBusy] = useState(false);
  const write = async () => {
    setBusy(true);
    try {
      const lang = currentLang();
      const s = await api.post<Summary>(`/api/conversations/${opened.conversation.id}/summary?lang=${lang}`);
      if (s?.by !== "model") toast(t("assist.not_written"));
      else client.setQueryData(summaryQuery(s.conversation_id, lang, saidSoFar(opened)).queryKey, s);
    } catch (err) {
      toast(text(err), { bad: true });
    }
    setBusy(false);
  };
  return <Button small className="mt-2" icon={<Sparkles size={12} aria-hidden />} disabled={busy} onClick={() => void write()}>{t(busy ? "assist.writing" : "assist.write")}</Button>;
}
