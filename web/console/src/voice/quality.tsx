import { useTranslation } from "react-i18next";
import { number } from "../lib/time";
import { Badge, type Meaning } from "../ui/state";
import type { LegQuality } from "./types";

/** What people would say of a line with this MOS. */
export function grade(mos: number): { word: "good" | "fair" | "poor"; meaning: Meaning } {
  return mos >= 4 ? { word: "good", meaning: "live" } : mos >= 3.4 ? { word: "fair", meaning: "warning" } : { word: "poor", meaning: "breach" };
}

/** The worst of a call's legs, since that is what was heard. */
export function worst(list: LegQuality[] | undefined): LegQuality | undefined {
  return list?.filter((q) => q.mos > 0).sort((a, b) => a.mos - b.mos)[0];
}

export function Quality({ list }: { list?: LegQuality[] }) {
  const { t } = useTranslation();
  const q = worst(list);
  if (!q) return <span className="text-text-3">–</span>;
  const g = grade(q.mos);
  return <Badge meaning={g.meaning} title={t("quality.title", { mos: number(q.mos, { maximumFractionDigits: 1 }), loss: number(q.loss_pct, { maximumFractionDigits: 1 }), jitter: Math.round(q.jitter_ms) })}>{t(`quality.${g.word}`)}</Badge>;
}
