import type { HandOver } from "../api/types";
import type { Summary } from "./beside";

export function SummaryLines({ summary, className, most = 6 }: { summary: Summary; className?: string; most?: number }) {
  return (
    <dl className={`grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 ${className ?? ""}`}>
      {summary.lines.slice(0, most).map((l) => (
        <div key={l.kind} className="contents">
          <dt className="text-text-3">{l.label}</dt>
          <dd className="min-w-0 break-words">{l.text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The lines of a summary that a hand-over card does not say already. */
export function besides(card: HandOver, summary?: Summary): Summary["lines"] {
  const known = card.facts?.length ?? 0;
  const same = (text: string) => text.replace(/^[“"「]|[”"」]$/g, "").trim() === card.wants.trim();
  return (summary?.lines ?? []).filter((l) => !(l.kind === "matter" && known > 0) && !(l.kind === "wants" && same(l.text)));
}
