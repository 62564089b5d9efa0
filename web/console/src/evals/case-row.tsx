import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronDown, ChevronRight, CircleAlert, CircleCheck, CircleSlash, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useMe } from "../lib/session";
import { number } from "../lib/time";
import { Badge } from "../ui/state";
import { scenarioQuery } from "./api";
import type { Book } from "./book";
import { failed, firstTrouble, flaky, mayFail, passed, scenarioOf, tokensOf } from "./report";
import { Transcript } from "./transcript";
import type { CaseResult } from "./types";
import { suiteName, troubleLine } from "./words";

export function took(ns: number): string {
  const ms = ns / 1e6;
  if (ms < 1) return "< 1 ms";
  return ms < 1000 ? `${number(ms, { maximumFractionDigits: 0 })} ms` : `${number(ms / 1000, { maximumFractionDigits: 1 })} s`;
}

/** The way to a case that was written here, and to the conversation that it was made of. */
function Own({ id }: { id: string }) {
  const { t } = useTranslation();
  const from = useQuery(scenarioQuery(id)).data?.conversation_id;
  return (
    <span className="flex flex-wrap gap-x-4">
      <Link to="/evals/cases/$id" params={{ id }} className="font-medium text-accent-text hover:underline">{t("evals.open_case")}</Link>
      <FromConversation id={from} />
    </span>
  );
}

/** Where a case comes from, with the way there for who may go it. */
export function FromConversation({ id }: { id?: string }) {
  const { t } = useTranslation();
  const me = useMe();
  if (!id) return null;
  if (!may(me, "inbox.all")) return <span>{t("evals.from_conversation")}</span>;
  return <Link to="/inbox/$id" params={{ id }} search={{ tab: "all" } as never} className="relative z-10 font-medium text-accent-text hover:underline">{t("evals.open_conversation")}</Link>;
}

/** One case: its outcome, its name, why; open, its transcript. */
export function CaseRow({ c, book, fresh, open, onToggle }: { c: CaseResult; book?: Book; fresh?: boolean; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const bad = firstTrouble(c);
  const tokens = tokensOf(c.cost);
  const own = scenarioOf(c.suite);
  const Icon = c.skipped ? CircleSlash : passed(c) ? CircleCheck : mayFail(c) || flaky(c) ? TriangleAlert : CircleAlert;
  const tone = c.skipped ? "text-text-3" : passed(c) ? "text-live" : mayFail(c) || flaky(c) ? "text-warning" : "text-breach";
  const word = c.skipped ? t("evals.outcome.skipped") : passed(c) ? t("evals.outcome.passed") : flaky(c) ? t("evals.outcome.flaky") : t("evals.outcome.failed");
  return (
    <li id={`case-${c.suite}\n${c.name}\n${c.mode ?? ""}`}>
      <button type="button" aria-expanded={open} onClick={onToggle} className="flex w-full items-center gap-2 px-3 py-2 text-left hover:bg-hover">
        {open ? <ChevronDown size={14} className="shrink-0 text-text-3" aria-hidden /> : <ChevronRight size={14} className="shrink-0 text-text-3" aria-hidden />}
        <Icon size={14} className={`shrink-0 ${tone}`} role="img" aria-label={word} />
        <span className="min-w-0 flex-1">
          <span className="font-medium break-words">{c.name}</span>
          {c.mode && <span className="ml-1.5 text-xs text-text-2">{t(`evals.mode.${c.mode}`)}</span>}
          <span className="ml-2 text-xs text-text-3">{suiteName(c.suite)}</span>
          {failed(c) && (bad || c.playing.error) && <span className="block text-xs break-words text-text-2">{bad ? troubleLine(book, bad) : c.playing.error}</span>}
          {c.skipped && <span className="block text-xs text-text-3">{t("evals.skipped_why")}</span>}
        </span>
        {fresh && <Badge meaning="breach">{t("evals.fresh")}</Badge>}
        {mayFail(c) && <Badge meaning="done">{t("evals.may_fail")}</Badge>}
        {flaky(c) && <Badge meaning="warning" title={t("evals.passes_of", { passes: c.passes, runs: c.runs })}>{c.passes}/{c.runs}</Badge>}
        <span className="w-14 shrink-0 text-right text-xs text-text-3 tabular-nums max-md:hidden">{c.skipped ? "" : took(c.took_ns)}</span>
        {tokens > 0 && <span className="w-20 shrink-0 text-right text-xs text-text-3 tabular-nums max-md:hidden">{t("evals.tokens_n", { n: number(tokens) })}</span>}
      </button>
      {open && (
        <div className="border-t border-line bg-bg px-4 py-4">
          <Transcript c={c} book={book} />
          <p className="mt-3 text-xs text-text-3">
            {own ? <Own id={own} /> : <span className="font-mono">{c.file}:{c.line}</span>}
          </p>
        </div>
      )}
    </li>
  );
}
