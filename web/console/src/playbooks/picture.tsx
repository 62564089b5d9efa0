import { clsx } from "clsx";
import { BookOpenText, CircleAlert, CircleHelp, Flag, GitBranch, LayoutList, MessageCircleQuestion, Minus, Plus, ShieldAlert, ThumbsUp, TriangleAlert, Users, Wrench } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/types";
import { currentLang } from "../i18n";
import { IconButton } from "../ui/button";
import { Empty } from "../ui/state";
import type { Files } from "./api";
import { HEAD, LINE, layout, WIDTH } from "./layout";
import { type Kind, picture, type Row } from "./model";

const icons: Record<Kind, typeof Flag> = { menu: LayoutList, flow: GitBranch, article: BookOpenText, queue: Users, missing: CircleHelp };
const rowIcons: Record<Row["kind"], typeof Flag | undefined> = { choice: undefined, slot: MessageCircleQuestion, rule: ShieldAlert, confirm: ThumbsUp, do: Wrench, then: Flag, failed: TriangleAlert };

/** The files as boxes and arrows; a box opens its file, a row its line. */
export function PictureView({ files, problems, onOpen }: { files: Files; problems: Problem[]; onOpen: (file: string, line: number) => void }) {
  const { t } = useTranslation();
  const lang = currentLang();
  const { start, l } = useMemo(() => {
    const p = picture(files, problems, lang);
    return { start: p.start, l: layout(p) };
  }, [files, problems, lang]);
  const [zoom, setZoom] = useState(1);
  const [hot, setHot] = useState<string>();
  if (l.boxes.length === 0) return <Empty title={t("playbooks.no_picture")} />;
  return (
    <div className="relative h-full">
      <div className="h-full overflow-auto bg-bg" tabIndex={0} role="region" aria-label={t("playbooks.picture")}>
        <div style={{ width: l.width * zoom, height: l.height * zoom }}>
          <div style={{ width: l.width, height: l.height, transform: `scale(${zoom})`, transformOrigin: "0 0", position: "relative" }}>
            <svg width={l.width} height={l.height} className="absolute inset-0" aria-hidden="true">
              <defs>
                <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" className="fill-line-strong" /></marker>
                <marker id="tip-hot" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" className="fill-accent" /></marker>
              </defs>
              {l.edges.map((e, i) => {
                const on = hot === e.from || hot === e.to;
                return <path key={i} d={e.path} fill="none" strokeWidth={on ? 2 : 1.25} strokeDasharray={e.back ? "4 4" : undefined} markerEnd={on ? "url(#tip-hot)" : "url(#tip)"} className={on ? "stroke-accent" : "stroke-line-strong"} opacity={hot && !on ? 0.35 : 1} />;
              })}
            </svg>
            {l.boxes.map(({ box, x, y, height }) => {
              const Icon = icons[box.kind];
              const bad = box.troubles.length > 0 || box.kind === "missing";
              return (
                <div
                  key={box.id}
                  data-testid="box"
                  onPointerEnter={() => setHot(box.id)}
                  onPointerLeave={() => setHot(undefined)}
                  className={clsx("absolute overflow-hidden rounded-lg border bg-surface", bad ? "border-2 border-breach" : box.id === start ? "border-accent" : "border-line-strong", box.kind === "article" || box.kind === "queue" ? "opacity-95" : "shadow-sm")}
                  style={{ left: x, top: y, width: WIDTH, height }}
                >
                  <button
                    type="button"
                    disabled={!box.file}
                    onClick={() => box.file && onOpen(box.file, box.troubles[0]?.line ?? box.line)}
                    onFocus={() => setHot(box.id)}
                    onBlur={() => setHot(undefined)}
                    className={clsx("flex w-full items-center gap-2 px-2.5 text-left hover:bg-hover", box.id === start && "bg-accent-soft")}
                    style={{ height: HEAD - 2 }}
                  >
                    <Icon size={15} className={bad ? "text-breach" : "text-text-3"} aria-hidden />
                    <span className="min-w-0 flex-1">
                      <span className="block truncate font-medium">{box.title}</span>
                      <span className="block truncate text-2xs text-text-3">{box.kind === "missing" ? t("playbooks.missing", { id: box.id }) : `${t(`playbooks.kind.${box.kind}`)} · ${box.name}`}</span>
                    </span>
                    {box.troubles.length > 0 && <span title={box.troubles.map((p) => `${p.line}: ${p.message}`).join("\n")} className="inline-flex items-center gap-1 text-xs text-breach"><CircleAlert size={13} aria-hidden />{t("playbooks.at_line", { n: box.troubles[0].line })}</span>}
                  </button>
                  {box.rows.length > 0 && (
                    <ul className="border-t border-line pt-0.5">
                      {box.rows.map((r, i) => {
                        const RowIcon = rowIcons[r.kind];
                        const wrong = box.troubles.some((p) => p.line === r.line);
                        return (
                          <li key={i}>
                            <button
                              type="button"
                              title={`${t(`playbooks.row.${r.kind}`)}: ${r.text}`}
                              onClick={() => box.file && onOpen(box.file, r.line)}
                              className={clsx("flex w-full items-center gap-1.5 px-2.5 text-left text-xs hover:bg-hover", wrong ? "bg-breach-soft text-breach" : "text-text-2", r.optional && "italic")}
                              style={{ height: LINE }}
                            >
                              {RowIcon && <RowIcon size={12} className="shrink-0 text-text-3" aria-label={t(`playbooks.row.${r.kind}`)} role="img" />}
                              <span className="truncate">{r.kind === "confirm" ? t("playbooks.row.confirm") : r.text}</span>
                            </button>
                          </li>
                        );
                      })}
                    </ul>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <div className="absolute right-4 bottom-4 flex rounded-lg border border-line bg-surface shadow-sm">
        <IconButton label={t("playbooks.smaller")} onClick={() => setZoom((z) => Math.max(0.4, z - 0.1))}><Minus size={14} aria-hidden /></IconButton>
        <IconButton label={t("playbooks.larger")} onClick={() => setZoom((z) => Math.min(1.4, z + 0.1))}><Plus size={14} aria-hidden /></IconButton>
      </div>
    </div>
  );
}
