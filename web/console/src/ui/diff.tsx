import { clsx } from "clsx";
import { Fragment, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { compare, type Line, sideBySide } from "../lib/diff";
import { useMedia } from "../lib/media";
import { Tabs } from "./bits";

/** Two texts and what lies between them; long stretches that are the same are folded. */
export function Diff({ a, b, left, right }: { a: string; b: string; left: string; right: string }) {
  const { t } = useTranslation();
  const room = useMedia("(min-width: 900px)");
  const [chosen, setWay] = useState<"side" | "inline">("side");
  const way = room ? chosen : "inline";
  const lines = useMemo(() => compare(a, b), [a, b]);
  if (lines.every((l) => l.op === "same")) return <p className="rounded-md bg-sunken px-3 py-6 text-center text-text-3">{t("diff.same")}</p>;
  return (
    <div>
      <div className="mb-2 flex flex-wrap items-center gap-3 text-xs">
        <span className="flex items-center gap-1.5"><i className="size-3 rounded-sm bg-breach-soft" aria-hidden />{left}</span>
        <span className="flex items-center gap-1.5"><i className="size-3 rounded-sm bg-live-soft" aria-hidden />{right}</span>
        <span className="flex-1" />
        {room && <Tabs label={t("diff.way")} value={way} onChange={setWay} tabs={[{ value: "side", label: t("diff.side") }, { value: "inline", label: t("diff.inline") }]} />}
      </div>
      <div className="overflow-x-auto rounded-md border border-line font-mono text-xs leading-5" tabIndex={0} role="region" aria-label={t("diff.label", { left, right })}>
        {way === "side" ? <Side lines={lines} /> : <Inline lines={lines} />}
      </div>
    </div>
  );
}

const CONTEXT = 3;

/** Which lines are near a change. */
function near<T>(items: T[], changed: (x: T) => boolean): boolean[] {
  const out = items.map(() => false);
  items.forEach((x, i) => {
    if (changed(x)) for (let n = Math.max(0, i - CONTEXT); n <= Math.min(items.length - 1, i + CONTEXT); n++) out[n] = true;
  });
  return out;
}

function Inline({ lines }: { lines: Line[] }) {
  const shown = near(lines, (l) => l.op !== "same");
  return (
    <table className="w-full border-collapse">
      <tbody>
        {lines.map((l, i) =>
          shown[i] ? (
            <tr key={i} className={clsx(l.op === "added" && "bg-live-soft", l.op === "removed" && "bg-breach-soft")}>
              <Num n={l.old} />
              <Num n={l.new} />
              <Text line={l} />
            </tr>
          ) : shown[i - 1] || i === 0 ? (
            <Fold key={i} columns={3} />
          ) : null,
        )}
      </tbody>
    </table>
  );
}

function Side({ lines }: { lines: Line[] }) {
  const pairs = sideBySide(lines);
  const shown = near(pairs, (p) => p.left !== p.right);
  return (
    <table className="w-full table-fixed border-collapse">
      <colgroup><col className="w-9" /><col /><col className="w-9" /><col /></colgroup>
      <tbody>
        {pairs.map((p, i) =>
          shown[i] ? (
            <tr key={i}>
              {[p.left, p.right].map((l, side) => (
                <Fragment key={side}>
                  <Num n={side ? l?.new : l?.old} />
                  {l ? <Text line={l} tint /> : <td className="bg-sunken" />}
                </Fragment>
              ))}
            </tr>
          ) : shown[i - 1] || i === 0 ? (
            <Fold key={i} columns={4} />
          ) : null,
        )}
      </tbody>
    </table>
  );
}

function Fold({ columns }: { columns: number }) {
  return <tr><td colSpan={columns} className="bg-sunken px-3 text-center text-text-3">⋯</td></tr>;
}
function Num({ n }: { n?: number }) {
  return <td className="w-9 px-1.5 text-right align-top text-text-3 tabular-nums select-none">{n}</td>;
}
function Text({ line: l, tint }: { line: Line; tint?: boolean }) {
  return (
    <td className={clsx("px-2 align-top break-words whitespace-pre-wrap", tint && l.op === "added" && "bg-live-soft", tint && l.op === "removed" && "bg-breach-soft")}>
      {l.op !== "same" && <span className="sr-only">{l.op} </span>}
      {l.spans
        ? l.spans.map((s, i) => (s.changed ? <mark key={i} className={clsx("rounded-sm bg-transparent text-inherit underline decoration-2 underline-offset-2", l.op === "added" ? "decoration-live" : "decoration-breach")}>{s.text}</mark> : <span key={i}>{s.text}</span>))
        : l.text || " "}
    </td>
  );
}
