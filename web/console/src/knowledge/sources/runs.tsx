import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { dayAndTime, span, instant } from "../../lib/time";
import { td, th, When } from "../../ui/bits";
import { Button } from "../../ui/button";
import { Failed, SkeletonRows } from "../../ui/state";
import { runsQuery, type Source } from "./api";
import { RunBadge, useTroubleText } from "./kinds";
import { Sums } from "./list";

/** Every time this source was read. */
export function Runs({ source }: { source: Source }) {
  const { t } = useTranslation();
  const trouble = useTroubleText();
  const list = useInfiniteQuery(runsQuery(source.id, `${source.last_run?.id}:${source.last_run?.status}`));
  if (list.isPending) return <SkeletonRows />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const rows = list.data.pages.flatMap((p) => p.items);
  if (!rows.length) return <p className="px-6 py-8 text-center text-text-3">{t("sources.not_read")}</p>;
  return (
    <div className="h-full overflow-y-auto">
      <table className="w-full max-md:block">
        <thead className="border-b border-line max-md:hidden">
          <tr>
            <th scope="col" className={`${th} md:pl-6`}>{t("sources.when")}</th>
            <th scope="col" className={th}>{t("sources.what")}</th>
            <th scope="col" className={th}>{t("sources.who")}</th>
            <th scope="col" className={th}>{t("sources.took")}</th>
            <th scope="col" className={th}>{t("sources.found")}</th>
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((r) => (
            <tr key={r.id} className="border-b border-line max-md:flex max-md:flex-wrap max-md:gap-x-3 max-md:px-4 max-md:py-2">
              <td className={`${td} whitespace-nowrap md:pl-6 max-md:p-0`}><When at={r.started_at} long={dayAndTime} /></td>
              <td className={`${td} max-md:p-0`}><RunBadge run={r} /></td>
              <td className={`${td} text-text-2 max-md:p-0`}>{r.by === "schedule" ? t("sources.by_schedule") : r.by}</td>
              <td className={`${td} text-text-3 tabular-nums max-md:p-0`}>{r.finished_at ? span(instant(r.finished_at) - instant(r.started_at)) : ""}</td>
              <td className={`${td} max-md:w-full max-md:p-0`}>
                {r.status === "failed" ? <span className="text-breach">{r.problems[0] ? trouble(r.problems[0]) : r.error}</span> : <Sums run={r} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasNextPage && <div className="p-4 text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
    </div>
  );
}
