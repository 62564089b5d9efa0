import { clsx } from "clsx";
import { Bot, CircleAlert, MousePointerClick, Scale } from "lucide-react";
import { useTranslation } from "react-i18next";
import { percent } from "../lib/time";
import { Markdown } from "../lib/markdown";
import type { Book } from "./book";
import { mark, wrongTurn } from "./report";
import type { CaseResult, Line, Trouble, Turn } from "./types";
import { did, keyName, target, valueName } from "./words";

/** A dialogue as it was, turn by turn; the one that went wrong stands out with what was expected. */
export function Transcript({ c, book }: { c: CaseResult; book?: Book }) {
  const { t } = useTranslation();
  const wrong = wrongTurn(c);
  const turns = c.playing.turns ?? [];
  return (
    <div className="max-w-180 space-y-3">
      {turns.map((turn, i) => <TurnView key={i} turn={turn} wrong={i === wrong} book={book} />)}
      {c.playing.error && <p role="note" className="rounded-md bg-breach-soft px-3 py-2 text-breach">{c.playing.error}</p>}
      {(c.playing.verdicts ?? []).filter((v) => !v.error).map((v, i) => (
        <p key={i} className={clsx("flex items-start gap-2 rounded-md px-3 py-2 text-xs", v.holds ? "bg-live-soft text-live" : "bg-breach-soft text-breach")}>
          <Scale size={13} className="mt-0.5 shrink-0" aria-hidden />
          <span>{t("evals.judge_said", { question: v.question, answer: t(v.holds ? "evals.yes" : "evals.no") })}{v.why && ` — ${v.why}`}</span>
        </p>
      ))}
      {turns.length === 0 && !c.playing.error && <p className="text-text-3">{t("evals.no_transcript")}</p>}
    </div>
  );
}

function TurnView({ turn, wrong, book }: { turn: Turn; wrong: boolean; book?: Book }) {
  const { t } = useTranslation();
  const what = did((turn.marks ?? []).map(mark), book);
  const off = turn.nearest && turn.wanted && turn.got !== turn.wanted;
  return (
    <div className={clsx("space-y-1.5", wrong && "rounded-lg border border-breach bg-surface p-3")}>
      {wrong && <p className="flex items-center gap-1.5 text-xs font-semibold text-breach"><CircleAlert size={13} aria-hidden />{t("evals.wrong_here")}</p>}
      {(turn.user || turn.tap) && (
        <p className="ml-auto flex w-fit max-w-[85%] items-start gap-1.5 rounded-lg bg-accent-soft px-3 py-1.5 break-words">
          {turn.tap && <MousePointerClick size={14} className="mt-[3px] shrink-0 text-text-3" aria-label={t("thread.tapped")} role="img" />}
          <span className="min-w-0"><span className="sr-only">{t("evals.customer")}: </span>{turn.user || turn.tap}</span>
        </p>
      )}
      {turn.heard && turn.heard !== turn.user && <p className="px-1 text-right text-xs text-text-3">{t("evals.heard", { text: turn.heard })}</p>}
      {(turn.bot ?? []).map((l, i) => <Said key={i} line={l} />)}
      {what && <p className="flex items-start gap-1.5 px-1 text-xs text-text-3"><Bot size={13} className="mt-0.5 shrink-0" aria-hidden />{t("steps.bot", { line: what })}</p>}
      {off && turn.nearest && <p className="px-1 text-xs text-text-3">{t("evals.taken_for", { what: target(book, turn.nearest.first), sure: percent(turn.nearest.confidence) })}</p>}
      {turn.problems && turn.problems.length > 0 && <Troubles list={turn.problems} book={book} />}
    </div>
  );
}

/** One message of the bot. */
export function Said({ line: l }: { line: Line }) {
  const { t } = useTranslation();
  return (
    <div className="w-fit max-w-[92%] space-y-1 rounded-lg border border-line bg-surface px-3 py-1.5">
      <span className="sr-only">{t("evals.bot")}: </span>
      {l.text && <Markdown text={l.text} />}
      {l.card && l.card.length > 0 && <ul className="border-l-2 border-line pl-2 text-xs text-text-2">{l.card.map((s, i) => <li key={i} className={i === 0 ? "font-medium" : undefined}>{s}</li>)}</ul>}
      {l.options && l.options.length > 0 && <p className="flex flex-wrap gap-1 pt-0.5">{l.options.map((o, i) => <span key={`${o}${i}`} className="rounded-full border border-line-strong px-2 text-xs">{o}</span>)}</p>}
    </div>
  );
}

/** What did not hold: what it is about, what was expected, what came. */
export function Troubles({ list, book, narrow }: { list: Trouble[]; book?: Book; narrow?: boolean }) {
  const { t } = useTranslation();
  if (narrow)
    return (
      <ul className="space-y-2 text-xs">
        {list.map((p) => (
          <li key={p.key}>
            <p className="font-semibold">{keyName(book, p.key)}</p>
            <p className="break-words"><span className="text-text-3">{t("evals.want")}</span> {valueName(book, p.key, p.want)}</p>
            <p className="break-words"><span className="text-text-3">{t("evals.got")}</span> <span className="text-breach">{valueName(book, p.key, p.got)}</span></p>
          </li>
        ))}
      </ul>
    );
  return (
    <table className="w-full rounded-md bg-breach-soft text-xs">
      <thead className="sr-only">
        <tr><th scope="col">{t("evals.about")}</th><th scope="col">{t("evals.want")}</th><th scope="col">{t("evals.got")}</th></tr>
      </thead>
      <tbody>
        {list.map((p) => (
          <tr key={p.key} className="align-top max-sm:block max-sm:px-3 max-sm:py-1.5">
            <th scope="row" className="px-3 py-1.5 text-left font-semibold whitespace-nowrap text-breach max-sm:block max-sm:p-0">{keyName(book, p.key)}</th>
            <td className="py-1.5 pr-3 max-sm:block max-sm:p-0"><span className="text-text-3">{t("evals.want")}</span> <span className="font-medium break-words">{valueName(book, p.key, p.want)}</span></td>
            <td className="py-1.5 pr-3 max-sm:block max-sm:p-0"><span className="text-text-3">{t("evals.got")}</span> <span className="font-medium break-words">{valueName(book, p.key, p.got)}</span></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
