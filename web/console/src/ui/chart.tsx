import { clsx } from "clsx";
import { Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { percent } from "../lib/time";
import { IconButton } from "./button";

// Small pictures of numbers, drawn in place: they follow the theme, and each
// is a table for those who read better so.

export type Tint = "accent" | "live" | "breach" | "warning" | "done";
const fills: Record<Tint, string> = { accent: "fill-accent", live: "fill-live", breach: "fill-breach", warning: "fill-warning", done: "fill-line-strong" };

interface PlotProps {
  title: string;
  /** What it says, in a sentence; shown, and read in the picture's place. */
  note?: ReactNode;
  head: string[];
  rows: (string | number)[][];
  children: ReactNode;
  className?: string;
}

/** The frame of a picture: its title, what it says, and the same as a table. */
export function Plot({ title, note, head, rows, children, className }: PlotProps) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  return (
    <section aria-label={title} className={clsx("min-w-0 rounded-lg border border-line bg-surface p-4", className)}>
      <div className="mb-3 flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold">{title}</h3>
          {note && <p className="mt-0.5 text-xs text-text-3">{note}</p>}
        </div>
        <IconButton small label={t("chart.table", { title })} aria-pressed={table} onClick={() => setTable(!table)}><Table2 size={14} aria-hidden /></IconButton>
      </div>
      {table ? (
        <div className="max-h-80 overflow-auto" tabIndex={0} role="region" aria-label={title}>
          <table className="w-full text-xs">
            <thead className="sticky top-0 bg-surface">
              <tr>{head.map((h, i) => <th key={h} scope="col" className={clsx("border-b border-line py-1 pr-3 font-medium text-text-3", i ? "text-right" : "text-left")}>{h}</th>)}</tr>
            </thead>
            <tbody>
              {rows.map((r, i) => (
                <tr key={i} className="border-b border-line last:border-0">
                  {r.map((c, j) => <td key={j} className={clsx("py-1 pr-3 tabular-nums", j ? "text-right" : "break-words")}>{c}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        children
      )}
    </section>
  );
}

export interface BarRow {
  key: string;
  label: ReactNode;
  value: number;
  /** The number in words, beside the bar. */
  text: ReactNode;
  tint?: Tint;
  note?: ReactNode;
  onClick?: () => void;
}

/** Bars that lie, from zero; names on the left, numbers on the right. */
export function Bars({ rows, max = 1 }: { rows: BarRow[]; max?: number }) {
  return (
    <ul className="space-y-1">
      {rows.map((r) => {
        const line = (
          <>
            <span className="w-2/5 shrink-0 truncate text-left text-xs text-text-2" title={typeof r.label === "string" ? r.label : undefined}>{r.label}</span>
            <svg className="h-3 min-w-0 flex-1 overflow-visible" aria-hidden>
              <rect width="100%" height="100%" rx={3} className="fill-sunken" />
              {r.value > 0 && <rect width={`${Math.min(100, Math.max(0.8, (r.value / (max || 1)) * 100))}%`} height="100%" rx={3} className={fills[r.tint ?? "accent"]} />}
            </svg>
            <span className="w-20 shrink-0 text-right text-xs whitespace-nowrap tabular-nums">{r.text}</span>
          </>
        );
        return (
          <li key={r.key}>
            {r.onClick ? (
              <button type="button" onClick={r.onClick} className="-mx-1 flex w-[calc(100%+8px)] items-center gap-3 rounded-sm px-1 py-0.5 hover:bg-hover">{line}</button>
            ) : (
              <div className="flex items-center gap-3 py-0.5">{line}</div>
            )}
            {r.note && <p className="pl-[40%] text-2xs text-text-3"><span className="pl-3">{r.note}</span></p>}
          </li>
        );
      })}
    </ul>
  );
}

export interface Dot {
  x: number;
  y: number;
  label?: string;
  /** How much it stands for, as its area. */
  weight?: number;
}

const W = 320;
const H = 180;
const LEFT = 36;
const BOTTOM = 22;
const TOP = 8;

/** A curve of shares from 0 to 100 %. Both axes begin at zero; diagonal is where it would lie if all were right. */
export function Curve({ dots, label, xs, x, y, diagonal, from = 0, to = 1 }: { dots: Dot[]; label: string; xs: { at: number; text: string }[]; x: string; y: string; diagonal?: boolean; from?: number; to?: number }) {
  const px = (v: number) => LEFT + ((v - from) / (to - from)) * (W - LEFT - 10);
  const py = (v: number) => TOP + (1 - v) * (H - TOP - BOTTOM);
  const most = Math.max(...dots.map((d) => d.weight ?? 1), 1);
  return (
    <div className="max-w-110">
      <p className="text-2xs text-text-3" aria-hidden>{y}</p>
      <svg viewBox={`0 0 ${W} ${H}`} className="w-full overflow-visible" role="img" aria-label={label}>
        {[0, 0.25, 0.5, 0.75, 1].map((v) => (
          <g key={v}>
            <line x1={LEFT} x2={W - 10} y1={py(v)} y2={py(v)} className="stroke-line" strokeWidth={1} />
            <text x={LEFT - 6} y={py(v) + 3.5} textAnchor="end" fontSize={10} className="fill-text-3">{percent(v)}</text>
          </g>
        ))}
        {xs.map((v) => <text key={v.at} x={px(v.at)} y={H - 6} textAnchor="middle" fontSize={10} className="fill-text-3">{v.text}</text>)}
        {diagonal && <line x1={px(0)} y1={py(0)} x2={px(1)} y2={py(1)} className="stroke-line-strong" strokeWidth={1.5} strokeDasharray="4 4" />}
        <polyline points={dots.map((d) => `${px(d.x)},${py(d.y)}`).join(" ")} fill="none" className="stroke-accent" strokeWidth={2} strokeLinejoin="round" />
        {dots.map((d, i) => (
          <circle key={i} cx={px(d.x)} cy={py(d.y)} r={d.weight === undefined ? 3.5 : 3 + 5 * Math.sqrt(d.weight / most)} className="fill-accent stroke-surface" strokeWidth={1.5}>
            {d.label && <title>{d.label}</title>}
          </circle>
        ))}
      </svg>
      <p className="pr-3 text-right text-2xs text-text-3" aria-hidden>{x}</p>
    </div>
  );
}

/** The way a number went, without axes; the newest is the dot. Its words are its label. */
export function Spark({ values, label, bad, min = 0, max = 1, className }: { values: number[]; label: string; bad?: boolean; min?: number; max?: number; className?: string }) {
  const w = 120;
  const h = 32;
  const at = (v: number, i: number) => [values.length < 2 ? w - 5 : 3 + (i / (values.length - 1)) * (w - 8), 4 + (1 - (v - min) / (max - min || 1)) * (h - 8)] as const;
  const points = values.map(at);
  const last = points.at(-1);
  return (
    <svg viewBox={`0 0 ${w} ${h}`} width={w} height={h} role="img" aria-label={label} className={className}>
      <line x1={0} x2={w} y1={h - 1} y2={h - 1} className="stroke-line" />
      <polyline points={points.map((p) => p.join(",")).join(" ")} fill="none" strokeWidth={1.75} strokeLinejoin="round" className={bad ? "stroke-breach" : "stroke-accent"} />
      {last && <circle cx={last[0]} cy={last[1]} r={3} className={bad ? "fill-breach" : "fill-accent"} />}
    </svg>
  );
}

export interface HeatCell {
  row: string;
  column: string;
  value: number;
}

/** Chinese stands upright where it runs down; other writing is turned. */
const upright = (words: string) => /[一-鿿]/.test(words);

/** A table whose cells are the darker the more there is in them; what is right is calm, what is not is marked. */
export function Heat({ rows, columns, cells, label, corner, right }: { rows: string[]; columns: string[]; cells: HeatCell[]; label: string; corner: string; right: (row: string, column: string) => boolean }) {
  const at = new Map(cells.map((c) => [`${c.row}\n${c.column}`, c.value]));
  const most = Math.max(...cells.map((c) => c.value), 1);
  return (
    <div className="overflow-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="border-separate border-spacing-0.5 text-2xs">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <td className="min-w-24 align-bottom text-text-3">{corner}</td>
            {columns.map((c) => (
              <th key={c} scope="col" className="h-28 w-7 min-w-7 align-bottom font-normal text-text-2">
                <span className={clsx("inline-block whitespace-nowrap", upright(c) ? "h-27 pb-1 text-end" : "max-h-27 rotate-180 truncate")} style={{ writingMode: "vertical-rl" }} title={c}>{c}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r}>
              <th scope="row" className="max-w-44 truncate pr-2 text-right font-normal text-text-2" title={r}>{r}</th>
              {columns.map((c) => {
                const n = at.get(`${r}\n${c}`) ?? 0;
                const share = n ? 15 + (n / most) * 45 : 0;
                return (
                  <td
                    key={c}
                    title={n ? `${r} → ${c}: ${n}` : undefined}
                    className={clsx("h-7 w-7 rounded-sm text-center tabular-nums", !n && "bg-sunken", n > 0 && !right(r, c) && "font-semibold text-text")}
                    style={n ? { backgroundColor: `color-mix(in srgb, var(${right(r, c) ? "--live" : "--breach"}) ${share}%, var(--surface))` } : undefined}
                  >
                    {n || ""}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
