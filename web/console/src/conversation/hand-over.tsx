import { ChevronDown, ChevronUp, Hand } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Fact, HandOver } from "../api/types";
import type { Summary } from "./beside";
import { besides, SummaryLines } from "./lines";

const reasons = ["asked", "retries", "rule", "no_answer", "offered"] as const;

/** What a person who takes over must know; it stands above the thread until the first reply. The summary adds what the card does not say. */
export function HandOverCard({ card, summary, children }: { card: HandOver; summary?: Summary; children?: ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(() => matchMedia("(min-width: 768px)").matches);
  const reason = reasons.find((r) => r === card.reason);
  const facts = card.facts ?? [];
  const lines = besides(card, summary);
  return (
    <section data-testid="hand-over" aria-label={t("hand_over.title")} className="max-h-[38vh] shrink-0 overflow-y-auto border-b border-accent-line bg-accent-soft px-5 py-2.5 max-md:px-3">
      <div className="mx-auto max-w-205">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex w-full items-start gap-2 text-left">
          <span className="min-w-0 flex-1">
            <span className="flex items-center gap-1.5 text-xs text-text-3">
              <Hand size={12} aria-hidden />
              {t("hand_over.title")}
              {reason && <span>· {t(`hand_over.reason.${reason}`)}</span>}
              {open && summary?.by === "model" && <span>· {t("assist.by_model")}</span>}
            </span>
            <span className="block text-base font-medium">{card.wants}</span>
          </span>
          {open ? <ChevronUp size={16} className="mt-1 text-text-3" aria-hidden /> : <ChevronDown size={16} className="mt-1 text-text-3" aria-hidden />}
        </button>
        {open && (
          <>
            {facts.length > 0 && <Facts facts={facts} className="mt-1.5 grid-cols-2 max-sm:grid-cols-1" />}
            {summary && lines.length > 0 ? (
              <SummaryLines summary={{ ...summary, lines }} className="mt-1.5 border-t border-accent-line pt-1.5" />
            ) : !summary && card.summary && card.summary.length > 0 && (
              <ol className="mt-1.5 space-y-0.5 border-t border-accent-line pt-1.5 text-text-2">
                {card.summary.map((s, i) => (
                  <li key={i} className="flex gap-2">
                    <span className="text-text-3 tabular-nums">{i + 1}</span>
                    {s}
                  </li>
                ))}
              </ol>
            )}
            {card.edited && (card.edited.changed > 0 || card.edited.removed > 0) && <p className="mt-1.5 text-xs text-text-3">{[card.edited.changed > 0 && t("hand_over.changed", { count: card.edited.changed }), card.edited.removed > 0 && t("hand_over.removed", { count: card.edited.removed })].filter(Boolean).join(t("common.comma"))}</p>}
            {children}
          </>
        )}
      </div>
    </section>
  );
}

export function Facts({ facts, className }: { facts: Fact[]; className?: string }) {
  return (
    <dl className={`grid gap-x-6 gap-y-1 ${className ?? ""}`}>
      {facts.map((f) => (
        <div key={f.key} className="flex min-w-0 gap-2">
          <dt className="w-20 shrink-0 truncate text-text-3" title={f.label}>{f.label}</dt>
          <dd className="min-w-0 flex-1 break-words">{f.value}</dd>
        </div>
      ))}
    </dl>
  );
}
