import { ArrowDownRight, ArrowUpRight, Minus, Plus, Shuffle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { percent } from "../lib/time";
import { Badge, type Meaning } from "../ui/state";
import type { Book } from "./book";
import type { Change, Comparison } from "./types";
import { suiteName, whyLine } from "./words";

const kinds = [
  { key: "worse", meaning: "breach", icon: ArrowDownRight },
  { key: "flaky", meaning: "warning", icon: Shuffle },
  { key: "better", meaning: "live", icon: ArrowUpRight },
  { key: "new", meaning: "done", icon: Plus },
  { key: "gone", meaning: "done", icon: Minus },
] as const satisfies { key: keyof Comparison; meaning: Meaning; icon: typeof Plus }[];

export function hasChanges(c: Comparison): boolean {
  return kinds.some((k) => c[k.key].length > 0) || c.retrieval.some((r) => r.better.length + r.worse.length > 0);
}

/** What is another than it was: counts that open to their cases, worst first. */
export function Changes({ c, book, short, onOpen }: { c: Comparison; book?: Book; short?: boolean; onOpen?: (x: Change) => void }) {
  const { t } = useTranslation();
  const there = kinds.filter((k) => c[k.key].length > 0);
  const [open, setOpen] = useState<string | undefined>(short ? undefined : there[0]?.key);
  const list = there.find((k) => k.key === open);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-1.5">
        <span className="text-xs text-text-3">{t("evals.against_live")}</span>
        {there.map((k) => (
          <button key={k.key} type="button" aria-expanded={open === k.key} onClick={() => setOpen(open === k.key ? undefined : k.key)} className="rounded-sm hover:opacity-80">
            <Badge meaning={k.meaning} icon={k.icon}>{t(`evals.changed.${k.key}`, { count: c[k.key].length })}</Badge>
          </button>
        ))}
        {c.same > 0 && <span className="text-xs text-text-3">{t("evals.same", { count: c.same })}</span>}
      </div>
      {list && (
        <ul className="mt-2 max-h-60 space-y-1 overflow-y-auto border-l-2 border-line pl-3 text-xs" aria-label={t(`evals.changed.${list.key}`, { count: c[list.key].length })}>
          {c[list.key].map((x) => (
            <li key={`${x.suite}${x.name}${x.mode ?? ""}`}>
              {onOpen && x.now ? <button type="button" className="text-left font-medium hover:underline" onClick={() => onOpen(x)}>{x.name}</button> : <span className="font-medium">{x.name}</span>}
              <span className="text-text-3"> · {suiteName(x.suite)}{x.mode && ` · ${t(`evals.mode.${x.mode}`)}`}{x.why && ` · ${whyLine(book, x.why)}`}</span>
            </li>
          ))}
        </ul>
      )}
      {c.retrieval.filter((r) => r.was_hit_at_1 !== r.now_hit_at_1 || r.better.length + r.worse.length > 0).map((r) => (
        <p key={r.name + r.lang} className="mt-2 text-xs">
          <span className="font-medium">{t("evals.set_of", { lang: r.lang === "zh" ? "中文" : "English" })}</span>{" "}
          <span className={r.now_hit_at_1 < r.was_hit_at_1 ? "text-breach" : "text-live"}>{t("evals.hit_moved", { was: percent(r.was_hit_at_1), now: percent(r.now_hit_at_1) })}</span>
          {r.worse.length > 0 && <span className="text-text-3"> · {t("evals.misses_now", { what: r.worse.slice(0, 3).join(" / ") })}</span>}
        </p>
      ))}
    </div>
  );
}
