import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "../api/queries";
import { textIn } from "../i18n";
import { useMe } from "../lib/session";
import { td, th } from "../ui/bits";
import { Empty, Failed, SkeletonRows } from "../ui/state";
import { liveQuery } from "./api";
import { Standing, Supervise } from "./call-bar";
import { overhears, partyOf } from "./calls";
import { Caller } from "./caller";
import { Quality } from "./quality";
import type { CallState, LiveCall } from "./types";

// Who waits for a person first, then who talks, then the rest; the longest first.
const rank: Record<CallState, number> = { queued: 0, talking: 1, menu: 2, ringing: 3, dialing: 3, ended: 4 };

/** Every call that is up, and a supervisor's ways into it. */
export function Live() {
  const { t } = useTranslation();
  const live = useQuery({ ...liveQuery, refetchInterval: 2000, staleTime: 0 });
  if (live.isPending) return <SkeletonRows rows={5} />;
  if (live.isError) return <Failed error={live.error} retry={() => void live.refetch()} />;
  const rows = [...live.data].sort((a, b) => rank[a.state] - rank[b.state] || a.since.localeCompare(b.since));
  if (rows.length === 0) return <Empty icon={<Phone size={18} aria-hidden />} title={t("board.empty")}>{t("board.empty_text")}</Empty>;
  const count = (s: CallState[]) => rows.filter((r) => s.includes(r.state)).length;
  return (
    <>
      <dl className="flex flex-wrap gap-x-8 gap-y-2 border-b border-line px-4 py-3 md:px-6">
        {([["queued", ["queued"]], ["talking", ["talking"]], ["menu", ["menu"]], ["dialing", ["dialing", "ringing"]]] as const).map(([name, states]) => (
          <div key={name}>
            <dt className="text-xs text-text-3">{t(`call.state.${name}`)}</dt>
            <dd className="text-xl font-semibold tabular-nums">{count([...states])}</dd>
          </div>
        ))}
      </dl>
      <div className="overflow-x-auto">
        <table className="w-full max-md:block">
          <thead className="border-b border-line max-md:hidden">
            <tr>
              <th scope="col" className={`${th} md:pl-6`}>{t("board.who")}</th>
              <th scope="col" className={th}>{t("board.state")}</th>
              <th scope="col" className={th}>{t("board.queue")}</th>
              <th scope="col" className={th}>{t("board.agent")}</th>
              <th scope="col" className={`${th} max-lg:hidden`}>{t("board.quality")}</th>
              <th scope="col" className={th}><span className="sr-only">{t("board.ways")}</span></th>
            </tr>
          </thead>
          <tbody className="max-md:block">{rows.map((r) => <Row key={r.call_id} r={r} />)}</tbody>
        </table>
      </div>
    </>
  );
}

function Row({ r }: { r: LiveCall }) {
  const { t } = useTranslation();
  const me = useMe();
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  const people = (r.parties ?? []).filter((p) => !overhears(p));
  const listening = (r.parties ?? []).filter(overhears);
  return (
    <tr data-testid="live-call" className="border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-2.5">
      <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
        <Link to="/inbox/$id" params={{ id: r.conversation_id }} className="font-medium hover:underline">{r.contact || <Caller number={r.number} />}</Link>
        <span className="block text-xs text-text-3 tabular-nums">{t(`call.direction.${r.direction}`)}{r.contact && <> · <Caller number={r.number} /></>}</span>
      </td>
      <td className={`${td} max-md:p-0`}><Standing call={r} small /></td>
      <td className={`${td} text-text-2 max-md:p-0`}>{textIn(queues?.find((q) => q.name === r.queue)?.title) || r.queue || <span className="text-text-3 max-md:hidden">–</span>}</td>
      <td className={`${td} max-md:p-0`}>
        {people.length ? people.map((p) => p.name).join(t("common.comma")) : <span className="text-text-3 max-md:hidden">–</span>}
        {listening.length > 0 && <span className="block text-xs text-text-3">{t("call.supervised", { names: listening.map((p) => p.name).join(t("common.comma")) })}</span>}
      </td>
      <td className={`${td} max-lg:hidden`}><Quality list={r.quality} /></td>
      <td className={`${td} max-md:ml-auto max-md:p-0`}><span className="flex justify-end"><Supervise conversation={r.conversation_id} call={r} party={partyOf(r, me.id)} small /></span></td>
    </tr>
  );
}
