import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import type { ID } from "../api/types";
import { number, percent } from "../lib/time";
import { Skeleton } from "../ui/state";

/** What became of suggestions: as they were, edited, put away, or still undecided. */
export interface Fate {
  shown: number;
  sent: number;
  edited: number;
  ignored: number;
}
export interface Count extends Fate {
  kind: "article" | "canned" | "past" | "external" | "action";
  article_id?: ID;
  canned_id?: ID;
  key?: string;
  title: string;
  open: number;
  similarity: number;
  why?: Partial<Record<"dismissed" | "wrote_own" | "other_chosen" | "superseded", number>>;
  tenure?: (Fate & { tenure: "new" | "settled" | "old" })[];
}

export const ledgerQuery = (f: { article?: ID; canned?: ID; from?: string; agent?: ID; limit?: number }) =>
  queryOptions({ queryKey: ["ledger", f], queryFn: async () => listOf<Count>(await api.get("/api/ledger", f)), staleTime: 60_000 });

/** The share that was sent, as it was or edited, of those that somebody decided about. */
export function used(f: Fate): number | undefined {
  const decided = f.sent + f.edited + f.ignored;
  return decided ? (f.sent + f.edited) / decided : undefined;
}

const parts = ["sent", "edited", "ignored", "open"] as const;
const colours = { sent: "bg-live", edited: "bg-accent", ignored: "bg-line-strong", open: "bg-sunken" };

/** The four fates as one bar; its words stand beside it, so that it says nothing by colour alone. */
export function FateBar({ of: f }: { of: Fate }) {
  const { t } = useTranslation();
  const open = Math.max(0, f.shown - f.sent - f.edited - f.ignored);
  const n = { ...f, open };
  const label = parts.map((p) => `${t(`ledger.${p}`)} ${number(n[p])}`).join(t("common.comma"));
  return (
    <span role="img" aria-label={label} title={label} className="flex h-2.5 w-full gap-px overflow-hidden rounded-sm bg-sunken">
      {f.shown > 0 && parts.map((p) => n[p] > 0 && <span key={p} className={colours[p]} style={{ width: `${(n[p] / f.shown) * 100}%` }} />)}
    </span>
  );
}

export function FateLegend() {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1 text-xs text-text-2">
      {parts.map((p) => <li key={p} className="flex items-center gap-1.5"><i aria-hidden className={`size-2.5 rounded-sm border border-line ${colours[p]}`} />{t(`ledger.${p}`)}</li>)}
    </ul>
  );
}

/** What the suggestions made of one article or reply were worth. */
export function Worth({ article, canned }: { article?: ID; canned?: ID }) {
  const { t } = useTranslation();
  const found = useQuery(ledgerQuery({ article, canned, limit: 1 }));
  if (found.isPending) return <Skeleton className="h-10" />;
  const c = found.data?.[0];
  if (!c || !c.shown) return <p className="text-xs text-text-3">{t("ledger.never_shown")}</p>;
  const share = used(c);
  return (
    <div>
      <p className="mb-1.5 text-xs font-semibold text-text-2">{t("ledger.worth")}</p>
      <p className="mb-1.5">
        {share !== undefined && <span className="mr-2 text-xl font-semibold tabular-nums">{percent(share)}</span>}
        <span className="text-text-2">{t("ledger.of_shown", { count: c.shown })}</span>
      </p>
      <FateBar of={c} />
      <div className="mt-2"><FateLegend /></div>
    </div>
  );
}
