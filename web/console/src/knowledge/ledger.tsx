import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookOpenText, ChartNoAxesColumn, ChevronDown, ChevronRight, History, type LucideIcon, MessageSquareQuote, Plug, Signpost } from "lucide-react";
import { Fragment, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { number, percent } from "../lib/time";
import { Tabs, td, th } from "../ui/bits";
import { Select } from "../ui/field";
import { Empty, Failed, SkeletonRows } from "../ui/state";
import { Frame } from "./frame";
import { type Count, FateBar, FateLegend, ledgerQuery, used } from "./worth";

const icons: Record<Count["kind"], LucideIcon> = { article: BookOpenText, canned: MessageSquareQuote, past: History, external: Plug, action: Signpost };
const periods = ["7", "30", "90", "0"] as const;
type Tenure = "new" | "settled" | "old";

/** What suggestions are worth, by what they were made of: which are sent, which are always rewritten, which nobody wants. */
export function Ledger() {
  const { t } = useTranslation();
  const [days, setDays] = useState<(typeof periods)[number]>("30");
  const [kind, setKind] = useState<Count["kind"] | "">("");
  const [tenure, setTenure] = useState<Tenure | "">("");
  const [order, setOrder] = useState<"shown" | "used" | "ignored">("shown");
  const [open, setOpen] = useState("");
  const from = useMemo(() => (days === "0" ? undefined : new Date(new Date().setHours(0, 0, 0, 0) - Number(days) * 86_400_000).toISOString()), [days]);
  const found = useQuery(ledgerQuery({ from, limit: 500 }));
  const rows = (found.data ?? [])
    .filter((c) => !kind || c.kind === kind)
    .map((c) => (tenure ? before(c, tenure) : c))
    .filter((c) => c.shown > 0)
    .sort((a, b) => (order === "used" ? (used(b) ?? -1) - (used(a) ?? -1) : order === "ignored" ? b.ignored - a.ignored : b.shown - a.shown));
  const sum = rows.reduce((s, c) => ({ shown: s.shown + c.shown, sent: s.sent + c.sent, edited: s.edited + c.edited, ignored: s.ignored + c.ignored }), { shown: 0, sent: 0, edited: 0, ignored: 0 });
  const share = used(sum);
  const pct = (n: number, all: number) => (all ? percent(n / all) : "–");
  return (
    <Frame sub={t("ledger.sub")}>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 md:px-6">
        <Tabs label={t("ledger.period")} value={days} onChange={setDays} tabs={periods.map((p) => ({ value: p, label: t(`ledger.days.${p}`) }))} />
        <span className="flex-1" />
        <Select className="!w-auto" aria-label={t("ledger.made_of")} value={kind} onChange={(e) => setKind(e.target.value as Count["kind"] | "")}>
          <option value="">{t("ledger.any_kind")}</option>
          {(Object.keys(icons) as Count["kind"][]).map((k) => <option key={k} value={k}>{t(`ledger.kind.${k}`)}</option>)}
        </Select>
        <Select className="!w-auto" aria-label={t("ledger.tenure_label")} value={tenure} onChange={(e) => setTenure(e.target.value as Tenure | "")}>
          <option value="">{t("ledger.any_tenure")}</option>
          {(["new", "settled", "old"] as const).map((x) => <option key={x} value={x}>{t(`ledger.tenure.${x}`)}</option>)}
        </Select>
        <Select className="!w-auto" aria-label={t("ledger.order")} value={order} onChange={(e) => setOrder(e.target.value as typeof order)}>
          {(["shown", "used", "ignored"] as const).map((x) => <option key={x} value={x}>{t(`ledger.by.${x}`)}</option>)}
        </Select>
      </div>
      {found.isPending ? (
        <SkeletonRows rows={8} />
      ) : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<ChartNoAxesColumn size={18} aria-hidden />} title={t("ledger.empty")}>{t("ledger.empty_text")}</Empty>
      ) : (
        <>
          <div className="flex flex-wrap items-end gap-x-8 gap-y-3 border-b border-line px-4 py-4 md:px-6">
            {share !== undefined && (
              <div>
                <p className="text-2xl font-semibold tabular-nums">{percent(share)}</p>
                <p className="text-xs text-text-2">{t("ledger.used_text", { count: sum.sent + sum.edited + sum.ignored })}</p>
              </div>
            )}
            <div className="min-w-48 flex-1 space-y-2"><FateBar of={sum} /><FateLegend /></div>
          </div>
          <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t("knowledge.room.ledger")}>
          <table className="w-full">
            <thead className="border-b border-line">
              <tr>
                <th scope="col" className={`${th} w-full md:w-auto md:pl-6`}>{t("ledger.made_of")}</th>
                <th scope="col" className={`${th} w-[22%] max-md:hidden`}>{t("ledger.became")}</th>
                <th scope="col" className={`${th} text-right max-md:px-2`}>{t("ledger.shown")}</th>
                <th scope="col" className={`${th} text-right max-md:px-2`}>{t("ledger.sent")}</th>
                <th scope="col" className={`${th} text-right max-md:px-2`}>{t("ledger.edited")}</th>
                <th scope="col" className={`${th} text-right max-md:pr-4 max-md:pl-2 md:pr-6`}>{t("ledger.ignored")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((c) => {
                const id = c.article_id || c.canned_id || c.key || c.title;
                const Icon = icons[c.kind];
                const more = open === id;
                return (
                  <Fragment key={id}>
                    <tr className="border-b border-line hover:bg-hover">
                      <td className={`${td} max-md:pr-0 md:pl-4`}>
                        <span className="flex items-center gap-2">
                          <button type="button" aria-expanded={more} aria-label={t("ledger.details", { title: c.title })} className="rounded-sm p-1 text-text-3 hover:bg-sunken" onClick={() => setOpen(more ? "" : id)}>{more ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}</button>
                          <span title={t(`ledger.kind.${c.kind}`)} className="text-text-3"><Icon size={14} aria-hidden /></span>
                          {c.article_id ? <Link to="/knowledge/$id" params={{ id: c.article_id }} className="line-clamp-2 font-medium md:line-clamp-1 hover:underline">{c.title}</Link> : <span className="line-clamp-2 font-medium md:line-clamp-1">{c.title}</span>}
                        </span>
                      </td>
                      <td className={`${td} max-md:hidden`}><FateBar of={c} /></td>
                      <td className={`${td} text-right tabular-nums max-md:px-2`}>{number(c.shown)}</td>
                      <td className={`${td} text-right tabular-nums max-md:px-2`}>{number(c.sent)} <span className="text-xs text-text-3 max-md:hidden">{pct(c.sent, c.shown)}</span></td>
                      <td className={`${td} text-right tabular-nums max-md:px-2`}>{number(c.edited)} <span className="text-xs text-text-3 max-md:hidden">{pct(c.edited, c.shown)}</span></td>
                      <td className={`${td} text-right tabular-nums max-md:pr-4 max-md:pl-2 md:pr-6`}>{number(c.ignored)} <span className="text-xs text-text-3 max-md:hidden">{pct(c.ignored, c.shown)}</span></td>
                    </tr>
                    {more && <tr className="border-b border-line bg-bg"><td colSpan={6} className="px-6 py-4"><More count={c} /></td></tr>}
                  </Fragment>
                );
              })}
            </tbody>
          </table>
          </div>
        </>
      )}
    </Frame>
  );
}

/** The same count, of suggestions shown to agents of one tenure only. */
function before(c: Count, tenure: Tenure): Count {
  const f = c.tenure?.find((x) => x.tenure === tenure);
  return { ...c, shown: f?.shown ?? 0, sent: f?.sent ?? 0, edited: f?.edited ?? 0, ignored: f?.ignored ?? 0 };
}

/** Why it was put away, how far it was rewritten, and by whom: those who are new here, and those who are not. */
function More({ count: c }: { count: Count }) {
  const { t } = useTranslation();
  const why = Object.entries(c.why ?? {}).filter(([, n]) => n > 0) as [keyof NonNullable<Count["why"]>, number][];
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <div>
        <h3 className="mb-2 text-xs font-semibold text-text-2">{t("ledger.by_tenure")}</h3>
        <table className="w-full">
          <tbody>
            {c.tenure?.map((x) => (
              <tr key={x.tenure}>
                <th scope="row" className="py-1 pr-3 text-left text-xs font-normal whitespace-nowrap text-text-2">{t(`ledger.tenure.${x.tenure}`)}</th>
                <td className="w-1/2 py-1"><FateBar of={x} /></td>
                <td className="py-1 pl-3 text-right text-xs whitespace-nowrap text-text-3 tabular-nums">{t("ledger.of_shown", { count: x.shown })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="space-y-1 text-text-2">
        {c.edited > 0 && <p>{t("ledger.similarity", { share: percent(c.similarity) })}</p>}
        {why.length > 0 && (
          <>
            <h3 className="pt-1 text-xs font-semibold">{t("ledger.why")}</h3>
            <ul>{why.map(([k, n]) => <li key={k}>{t(`ledger.reason.${k}`)} · <span className="tabular-nums">{number(n)}</span></li>)}</ul>
          </>
        )}
      </div>
    </div>
  );
}
