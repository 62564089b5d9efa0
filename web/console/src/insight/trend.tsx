import { useTranslation } from "react-i18next";
import { number } from "../lib/time";

/** How often a week: the mean of the weeks before, the week before, this week. */
export function weeks(q: { asked: number; recent: number; earlier: number; first_at: string }, now = Date.now()): [number, number, number] {
  const older = Math.max(0, q.asked - q.recent - q.earlier);
  const since = Math.min(90, Math.max(0, (now - Date.parse(q.first_at)) / 86_400_000)) - 14;
  return [since > 0 ? older / Math.max(1, since / 7) : 0, q.earlier, q.recent];
}

/** A line of three points, from zero; its words say the same. */
export function Trend({ of: q }: { of: { asked: number; recent: number; earlier: number; first_at: string } }) {
  const { t } = useTranslation();
  const w = weeks(q);
  const most = Math.max(1, ...w);
  const at = (n: number, i: number) => [4 + i * 28, 20 - (n / most) * 16] as const;
  const points = w.map(at);
  const label = t("insight.trend", { now: number(q.recent), before: number(q.earlier) });
  const [x, y] = points[2];
  return (
    <svg role="img" aria-label={label} viewBox="0 0 64 24" width={64} height={24} className={q.recent > q.earlier ? "text-warning" : "text-text-3"}>
      <title>{label}</title>
      <line x1={0} x2={64} y1={21.5} y2={21.5} stroke="var(--line)" />
      <polyline points={points.map((p) => p.join()).join(" ")} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" strokeLinecap="round" />
      <circle cx={x} cy={y} r={2.5} fill="currentColor" />
    </svg>
  );
}
