import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CheckCheck, CircleDashed, Languages } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { dayAndTime, number, percent } from "../lib/time";
import { td, th, When } from "../ui/bits";
import { Select } from "../ui/field";
import { Badge, Empty, Failed, type Meaning, SkeletonRows } from "../ui/state";
import { type Advice, adviceQuery, type Filter, type ReasonKind, reasons } from "./api";

const look: Record<ReasonKind, Meaning> = { expired: "breach", expiring: "warning", not_helpful: "breach", asked_again: "warning", often_edited: "waiting", often_ignored: "waiting", old_translation: "waiting", not_translated: "done", never_used: "done" };

/** Articles that need a look, the most pressing first, each with its reasons. */
export function Articles({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<ReasonKind | "">("");
  const found = useQuery(adviceQuery({ ...filter, reason }));
  return (
    <>
      <div className="border-b border-line px-4 py-2 md:px-6">
        <Select className="!w-auto" aria-label={t("insight.reason_label")} value={reason} onChange={(e) => setReason(e.target.value as ReasonKind | "")}>
          <option value="">{t("insight.any_reason")}</option>
          {reasons.map((r) => <option key={r} value={r}>{t(`insight.reason.${r}`)}</option>)}
        </Select>
      </div>
      {found.isPending ? (
        <SkeletonRows />
      ) : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : found.data.length === 0 ? (
        <Empty icon={<CheckCheck size={18} aria-hidden />} title={t("insight.no_articles")}>{t("insight.no_articles_text")}</Empty>
      ) : (
        <table className="w-full max-md:block">
          <thead className="border-b border-line max-md:hidden">
            <tr>
              <th scope="col" className={`${th} md:pl-6`}>{t("knowledge.title")}</th>
              <th scope="col" className={th}>{t("insight.why_look")}</th>
              <th scope="col" className={`${th} text-right`}>{t("insight.bot_answered")}</th>
              <th scope="col" className={`${th} text-right`}>{t("insight.agents_used")}</th>
              <th scope="col" className={`${th} text-right`}>{t("insight.helped")}</th>
              <th scope="col" className={th}>{t("knowledge.changed")}</th>
            </tr>
          </thead>
          <tbody className="max-md:block">
            {found.data.map((a) => (
              <tr key={a.article_id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-2.5">
                <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                  <Link to="/knowledge/$id" params={{ id: a.article_id }} className="font-medium after:absolute after:inset-0">{a.title}</Link>
                  <span className="ml-2 text-xs text-text-3">{a.lang === "zh" ? "中文" : "English"}</span>
                </td>
                <td className={`${td} max-md:w-full max-md:p-0`}><span className="flex flex-wrap gap-1">{a.reasons.map((r) => <Reason key={r.kind} reason={r} />)}</span></td>
                <td className={`${td} text-right tabular-nums max-md:hidden`}>{number(a.usage.answered)}</td>
                <td className={`${td} text-right tabular-nums max-md:hidden`}>{t("insight.used_of", { used: number(a.usage.sent + a.usage.edited), shown: number(a.usage.shown) })}</td>
                <td className={`${td} text-right tabular-nums max-md:hidden`}>{a.usage.helped + a.usage.not_helped ? t("insight.used_of", { used: number(a.usage.helped), shown: number(a.usage.helped + a.usage.not_helped) }) : "–"}</td>
                <td className={`${td} whitespace-nowrap text-text-3 max-md:p-0 max-md:text-xs`}><When at={a.updated_at} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Reason({ reason: r }: { reason: Advice["reasons"][number] }) {
  const { t } = useTranslation();
  const lang = r.lang === "zh" ? "中文" : r.lang === "en" ? "English" : "";
  const detail = r.share ? percent(r.share) : r.at && (r.kind === "expired" || r.kind === "expiring") ? dayAndTime(r.at) : lang;
  return <Badge meaning={look[r.kind]} icon={r.kind === "not_translated" ? Languages : r.kind === "never_used" ? CircleDashed : undefined}>{t(`insight.reason.${r.kind}`)}{detail && ` · ${detail}`}</Badge>;
}
