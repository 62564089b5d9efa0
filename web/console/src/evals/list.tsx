import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ClipboardCheck, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useMe } from "../lib/session";
import { percent } from "../lib/time";
import { By, td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Badge, Empty, Failed, SkeletonRows } from "../ui/state";
import { runsQuery } from "./api";
import { useBooks } from "./book";
import { Workspace } from "./frame";
import { Health } from "./health";
import { rate, running } from "./report";
import { Start } from "./start";
import type { Run } from "./types";

/** How every playbook does now, and what was run before. */
export function Evals() {
  const { t } = useTranslation();
  const me = useMe();
  const books = useBooks();
  const [start, setStart] = useState<string>();
  const list = useInfiniteQuery(runsQuery());
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const run = may(me, "evals.run") && books.length > 0 && <Button tone="primary" icon={<Play size={14} aria-hidden />} onClick={() => setStart("")}>{t("evals.run")}</Button>;
  return (
    <Workspace sub={t("evals.sub")} actions={run}>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 && books.length === 0 ? (
        <Empty icon={<ClipboardCheck size={18} aria-hidden />} title={t("evals.empty")}>{t("evals.empty_text")}</Empty>
      ) : (
        <>
          <div className="grid gap-4 p-4 md:p-6 xl:grid-cols-2">
            {books.map((b) => <Health key={b.name} book={b} onRun={may(me, "evals.run") ? () => setStart(b.name) : undefined} />)}
          </div>
          <h2 className="px-4 pb-2 text-base font-semibold md:px-6">{t("evals.recent")}</h2>
          {rows.length === 0 ? <p className="px-4 pb-6 text-text-3 md:px-6">{t("evals.empty")}</p> : <Runs rows={rows} />}
          {list.hasNextPage && rows.length >= 30 && <div className="p-4 text-center"><Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>{t("common.more")}</Button></div>}
        </>
      )}
      {start !== undefined && <Start playbook={start || undefined} onClose={() => setStart(undefined)} />}
    </Workspace>
  );
}

function Runs({ rows }: { rows: Run[] }) {
  const { t } = useTranslation();
  const books = useBooks();
  return (
    <table className="w-full border-t border-line max-md:block">
      <thead className="border-b border-line max-md:hidden">
        <tr>
          <th scope="col" className={`${th} md:pl-6`}>{t("evals.playbook")}</th>
          <th scope="col" className={th}>{t("evals.result")}</th>
          <th scope="col" className={th}>{t("evals.share")}</th>
          <th scope="col" className={th}>{t("evals.by")}</th>
          <th scope="col" className={`${th} md:pr-6 !text-right`}>{t("evals.when")}</th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {rows.map((r, i) => {
          const share = rate(r);
          const before = rows.slice(i + 1).find((x) => x.playbook === r.playbook && x.status === "done");
          const was = before && rate(before);
          const moved = share !== undefined && was !== undefined && share !== was && !running(r);
          return (
            <tr key={r.id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-2 max-md:px-4 max-md:py-2">
              <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                <Link to="/evals/$id" params={{ id: r.id }} className="font-medium after:absolute after:inset-0">{books.find((b) => b.name === r.playbook)?.title || r.playbook || t("evals.unnamed")}</Link>
                {r.revision ? <span className="ml-2 text-xs text-text-3">{t("playbooks.revision", { n: r.revision })}</span> : null}
              </td>
              <td className={`${td} max-md:p-0`}><Result run={r} /></td>
              <td className={`${td} tabular-nums max-md:p-0`}>
                {share !== undefined && !running(r) && percent(share, 1)}
                {moved && <span className={`ml-2 text-xs ${share < was ? "text-breach" : "text-live"}`}>{t(share > was ? "evals.up" : "evals.down", { n: percent(Math.abs(share - was), 1) })}</span>}
              </td>
              <td className={`${td} text-text-3 max-md:hidden`}>{r.schedule ? t("evals.by_schedule") : <By who={r.by} />}</td>
              <td className={`${td} text-right text-text-3 md:pr-6 max-md:ml-auto max-md:p-0`}><When at={r.at} /></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Result({ run: r }: { run: Run }) {
  const { t } = useTranslation();
  if (running(r)) return <Progress run={r} />;
  if (r.status === "broken") return <Badge meaning="breach" title={r.error}>{t("evals.broken")}</Badge>;
  if (r.failed && r.failed === r.allowed) return <Badge meaning="warning">{t("evals.allowed_n", { n: r.failed })}</Badge>;
  return r.failed ? <Badge meaning="breach">{t("evals.failed_n", { n: r.failed })}</Badge> : <Badge meaning="live">{t("evals.all_passed")}</Badge>;
}

/** How far it is, in bar and in count, and what has failed so far. */
export function Progress({ run: { done, total, failed }, wide }: { run: Pick<Run, "done" | "total" | "failed">; wide?: boolean }) {
  const { t } = useTranslation();
  return (
    <span className={`items-center gap-2 text-xs text-text-2 ${wide ? "flex w-full" : "inline-flex"}`}>
      <span role="progressbar" aria-valuenow={done} aria-valuemin={0} aria-valuemax={total || undefined} aria-label={t("evals.progress")} className={`h-1.5 overflow-hidden rounded-full bg-sunken ${wide ? "flex-1" : "w-28"}`}>
        <span className="block h-full bg-accent" style={{ width: total ? `${(done / total) * 100}%` : "8%", transition: "width 0.4s" }} />
      </span>
      <span className="whitespace-nowrap tabular-nums">{total ? `${done} / ${total}` : t("evals.begins")}</span>
      {failed > 0 && <span className="font-medium whitespace-nowrap text-breach">{t("evals.failed_n", { n: failed })}</span>}
    </span>
  );
}
