import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { BookOpenText, Clock, Plus, Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { playbooksQuery } from "../playbooks/api";
import { goTo } from "../router";
import { By, td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Select, TextInput } from "../ui/field";
import { Badge, Empty, Failed, SkeletonRows } from "../ui/state";
import { Frame } from "./frame";
import { waitingQuery } from "./review";
import { articlesQuery, type Filter, statusLook } from "./api";

export function Knowledge() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Filter & { waiting?: boolean };
  const filter: Filter = { q: search.q, status: search.status, lang: search.lang, tag: search.tag, playbook: search.playbook };
  const [text, setText] = useState(filter.q ?? "");
  const reviewer = may(me, "articles.publish");
  const onlyWaiting = reviewer && search.waiting === true;
  const waiting = useQuery({ ...waitingQuery(false), enabled: reviewer });
  const set = (change: Filter & { waiting?: boolean }) => void navigate({ to: "/knowledge", search: { ...filter, waiting: search.waiting, ...change }, replace: true } as never);
  useEffect(() => {
    if ((text || undefined) === filter.q) return;
    // Who has gone on to an article meanwhile is not called back.
    const timer = setTimeout(() => location.pathname === "/knowledge" && set({ q: text || undefined }), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const list = useInfiniteQuery({ ...articlesQuery(filter), placeholderData: keepPreviousData });
  const rows = onlyWaiting ? (waiting.data ?? []).map((w) => w.article) : (list.data?.pages.flatMap((p) => p.items) ?? []);
  const books = useQuery({ ...playbooksQuery, enabled: may(me, "playbooks.read") });
  const bookOf = (name?: string) => (name ? textIn(books.data?.find((b) => b.name === name)?.title) || name : "");
  const filtered = Object.values(filter).some(Boolean);
  return (
    <Frame
      sub={t("knowledge.sub")}
      actions={may(me, "articles.write") && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => goTo("/knowledge/new")}>{t("knowledge.new")}</Button>}
    >
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2 md:px-6">
        <div className="relative w-72 max-md:w-full">
          <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
          <TextInput type="search" className="pl-8" value={text} onChange={(e) => setText(e.target.value)} aria-label={t("knowledge.search")} placeholder={t("knowledge.search")} />
        </div>
        <Select className="!w-auto" aria-label={t("knowledge.status")} value={filter.status ?? ""} onChange={(e) => set({ status: e.target.value || undefined })}>
          <option value="">{t("knowledge.any_status")}</option>
          {(["draft", "review", "published", "archived"] as const).map((s) => <option key={s} value={s}>{t(`knowledge.is.${s}`)}</option>)}
        </Select>
        <Select className="!w-auto" aria-label={t("knowledge.lang")} value={filter.lang ?? ""} onChange={(e) => set({ lang: e.target.value || undefined })}>
          <option value="">{t("knowledge.any_lang")}</option>
          <option value="en">English</option>
          <option value="zh">中文</option>
        </Select>
        {books.data && books.data.length > 1 && (
          <Select className="!w-auto max-w-52" aria-label={t("sources.playbook")} value={filter.playbook ?? ""} onChange={(e) => set({ playbook: e.target.value || undefined })}>
            <option value="">{t("canned.any_playbook")}</option>
            {books.data.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
          </Select>
        )}
        {reviewer && (
          <button type="button" aria-pressed={onlyWaiting} onClick={() => set({ waiting: onlyWaiting ? undefined : true })} className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-3 text-text-2 hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent-text">
            <Clock size={14} aria-hidden />
            {t("review.waiting")}
            {waiting.data && waiting.data.length > 0 && <span className="text-xs font-semibold tabular-nums">{waiting.data.length}</span>}
          </button>
        )}
        {filter.tag && (
          <Button small tone="quiet" onClick={() => set({ tag: undefined })}>
            {t("knowledge.tagged", { tag: filter.tag })}
            <X size={12} aria-label={t("common.clear")} />
          </Button>
        )}
      </div>
      {(onlyWaiting ? waiting : list).isPending ? (
        <SkeletonRows rows={10} />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : onlyWaiting && rows.length === 0 ? (
        <Empty icon={<Clock size={18} aria-hidden />} title={t("review.none")}>{t("review.none_text")}</Empty>
      ) : rows.length === 0 ? (
        <Empty icon={<BookOpenText size={18} aria-hidden />} title={filtered ? t("knowledge.no_match") : t("knowledge.empty")}>{filtered ? undefined : t("knowledge.empty_text")}</Empty>
      ) : (
        <>
          <table className="w-full max-md:block">
            <thead className="max-md:hidden">
              <tr className="border-b border-line">
                <th scope="col" className={`${th} md:pl-6`}>{t("knowledge.title")}</th>
                <th scope="col" className={th}>{t("knowledge.status")}</th>
                <th scope="col" className={th}>{t("knowledge.lang")}</th>
                <th scope="col" className={th}>{t("knowledge.tags")}</th>
                <th scope="col" className={th}>{t("knowledge.changed")}</th>
              </tr>
            </thead>
            <tbody className="max-md:block">
              {rows.map((a) => (
                <tr key={a.id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-2 max-md:px-4 max-md:py-2">
                  <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                    <Link to="/knowledge/$id" params={{ id: a.id }} className="font-medium after:absolute after:inset-0">{a.title}</Link>
                    <span className="ml-2 text-xs text-text-3" title={a.slug}>{bookOf(a.playbook)}</span>
                    {a.audience === "agents" && <span className="ml-2 inline-block rounded-sm bg-sunken px-1.5 text-xs whitespace-nowrap text-text-2">{t("knowledge.agents_only")}</span>}
                  </td>
                  <td className={`${td} max-md:p-0`}>
                    <Badge {...statusLook[a.status]}>{t(`knowledge.is.${a.status}`)}</Badge>
                    {a.status !== "published" && a.published_version > 0 && a.status !== "archived" && <span className="ml-2 text-xs text-text-3">{t("knowledge.live_version", { n: a.published_version })}</span>}
                  </td>
                  <td className={`${td} text-text-2 max-md:p-0 max-md:text-xs`}>{a.lang === "zh" ? "中文" : "English"}</td>
                  <td className={`${td} max-md:p-0`}>
                    <span className="flex flex-wrap gap-1">
                      {a.tags?.slice(0, 3).map((tag) => (
                        <button key={tag} type="button" className="relative rounded-sm bg-sunken px-1.5 text-xs text-text-2 hover:text-text" onClick={() => set({ tag })}>{tag}</button>
                      ))}
                    </span>
                  </td>
                  <td className={`${td} whitespace-nowrap text-text-3 max-md:ml-auto max-md:p-0 max-md:text-xs`}>
                    <When at={a.updated_at} /> <span className="max-md:hidden">· <By who={a.updated_by} /></span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {!onlyWaiting && list.hasNextPage && (
            <div className="p-4 text-center">
              <Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t("common.loading") : t("common.more")}</Button>
            </div>
          )}
        </>
      )}
    </Frame>
  );
}
