import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Fact, HandOver } from "../api/types";

const reasons = ["asked", "retries", "rule", "no_answer", "offered"] as const;

/** What a person who takes over must know; it stands on top until the first reply. */
export function HandOverCard({ card }: { card: HandOver }) {
  const { t } = useTranslation();
  const reason = reasons.find((r) => r === card.reason);
  return (
    <section data-testid="hand-over" aria-label={t("hand_over.title")} className="mb-4 rounded-lg border border-accent-line bg-surface shadow-sm">
      <div className="px-4 pt-3 pb-3">
        <p className="flex items-center gap-1.5 text-xs text-text-3">
          <Hand size={12} aria-hidden />
          {t("hand_over.title")}
          {reason && <span>· {t(`hand_over.reason.${reason}`)}</span>}
        </p>
        <p className="mt-1 text-base font-medium">{card.wants}</p>
        {card.facts && card.facts.length > 0 && <Facts facts={card.facts} className="mt-2 grid-cols-2 max-sm:grid-cols-1" />}
        {card.summary && card.summary.length > 0 && (
          <ol className="mt-2 list-inside list-decimal space-y-0.5 border-t border-line pt-2 text-text-2 marker:text-text-3">
            {card.summary.map((s, i) => <li key={i}>{s}</li>)}
          </ol>
        )}
        {card.edited && (card.edited.changed > 0 || card.edited.removed > 0) && <p className="mt-2 text-xs text-text-3">{t("hand_over.edited", card.edited)}</p>}
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
