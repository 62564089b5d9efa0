import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderInput, Import } from "lucide-react";
import { useTranslation } from "react-i18next";
import { textIn } from "../../i18n";
import { may, useMe } from "../../lib/session";
import { dayAndTime, number } from "../../lib/time";
import { playbooksQuery } from "../../playbooks/api";
import { goTo } from "../../router";
import { td, th, When } from "../../ui/bits";
import { Button } from "../../ui/button";
import { Empty, Failed, SkeletonRows } from "../../ui/state";
import { Frame } from "../frame";
import { running, type Run, type Source, sourcesQuery, sums } from "./api";
import { kindIcons, RunBadge, stateLook } from "./kinds";
import { Bar } from "./run";

/** Where articles come from that were not written here. */
export function Sources() {
  const { t } = useTranslation();
  const me = useMe();
  const list = useInfiniteQuery({ ...sourcesQuery, refetchInterval: (q) => (q.state.data?.pages.some((p) => p.items.some(running)) ? 1000 : 60_000) });
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const add = may(me, "articles.write") && <Button tone="primary" icon={<Import size={14} aria-hidden />} onClick={() => goTo("/knowledge/import")}>{t("sources.import")}</Button>;
  return (
    <Frame sub={t("sources.sub")} actions={rows.length > 0 && add}>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<FolderInput size={18} aria-hidden />} title={t("sources.empty")} action={add}>{t("sources.empty_text")}</Empty>
      ) : (
        <>
          <table className="w-full max-md:block">
            <thead className="border-b border-line max-md:hidden">
              <tr>
                <th scope="col" className={`${th} md:pl-6`}>{t("sources.name")}</th>
                <th scope="col" className={th}>{t("sources.playbook")}</th>
                <th scope="col" className={th}>{t("knowledge.lang")}</th>
                <th scope="col" className={th}>{t("sources.last")}</th>
                <th scope="col" className={th}>{t("sources.found")}</th>
              </tr>
            </thead>
            <tbody className="max-md:block">
              {rows.map((s) => (
                <Row key={s.id} source={s} playbook={textIn(books.data?.find((b) => b.name === s.playbook)?.title) || s.playbook} />
              ))}
            </tbody>
          </table>
          {list.hasNextPage && <div className="p-4 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
        </>
      )}
    </Frame>
  );
}

function Row({ source: s, playbook }: { source: Source; playbook: string }) {
  const { t } = useTranslation();
  const Icon = kindIcons[s.kind];
  const r = s.last_run;
  return (
    <tr className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3">
      <td className={`${td} w-[34%] md:pl-6 max-md:w-full max-md:p-0`}>
        <span className="flex items-center gap-3">
          <span className="flex size-8 shrink-0 items-center justify-center rounded-md bg-sunken text-text-2" title={t(`sources.kind.${s.kind}`)}><Icon size={16} aria-hidden /></span>
          <span className="min-w-0">
            <Link to="/knowledge/sources/$id" params={{ id: s.id }} className="font-medium after:absolute after:inset-0">{s.name}</Link>
            <span className="block truncate text-xs text-text-3"><About source={s} /></span>
          </span>
        </span>
      </td>
      <td className={`${td} text-text-2 max-md:p-0 max-md:text-xs`}>{playbook || t("sources.everybody")}</td>
      <td className={`${td} text-text-2 max-md:p-0 max-md:text-xs`}>{s.lang === "zh" ? "中文" : s.lang === "en" ? "English" : t("sources.any_lang")}</td>
      <td className={`${td} whitespace-nowrap max-md:p-0`}>
        {r ? (
          <span className="flex items-center gap-2"><RunBadge run={r} /><When at={r.finished_at ?? r.started_at} long={dayAndTime} className="text-xs text-text-3" /></span>
        ) : (
          <span className="text-text-3">{t("sources.never")}</span>
        )}
        {s.schedule === "daily" && s.next_at && <span className="mt-0.5 block text-xs text-text-3">{t("sources.next", { at: dayAndTime(s.next_at) })}</span>}
      </td>
      <td className={`${td} w-64 max-md:w-full max-md:p-0`}>{r && (r.status === "running" ? <Bar done={r.done} total={r.total} label={t("sources.run.running")} /> : <Sums run={r} />)}</td>
    </tr>
  );
}

/** What a source is made of, in a few words. */
function About({ source: s }: { source: Source }) {
  const { t } = useTranslation();
  const start = s.settings.site?.start ?? [];
  if (s.kind === "site") return start.length === 1 ? start[0] : t("sources.addresses", { count: start.length });
  return s.kind === "folder" ? s.settings.path : t("sources.files", { count: s.settings.files?.length ?? 0 });
}

/** What a run found, a word and a number each. */
export function Sums({ run }: { run: Run }) {
  const { t } = useTranslation();
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-text-2">
      {sums(run).map((s) => {
        const Icon = stateLook[s.state].icon;
        return (
          <li key={s.state} className={`inline-flex items-center gap-1 whitespace-nowrap ${s.state === "conflict" ? "font-medium text-breach" : s.state === "failed" ? "text-warning" : ""}`}>
            {Icon && <Icon size={12} aria-hidden />}
            <span className="tabular-nums">{number(s.n)}</span> {t(`sources.state.${s.state}`).toLowerCase()}
          </li>
        );
      })}
    </ul>
  );
}
