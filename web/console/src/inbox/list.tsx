import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { clsx } from "clsx";
import { Inbox as InboxIcon, Search, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { countsQuery, inboxQuery, queuesQuery } from "../api/queries";
import type { InboxRow, Tab } from "../api/types";
import { textIn } from "../i18n";
import { useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import type { InboxSearch } from "../router";
import { Tabs } from "../ui/bits";
import { Button } from "../ui/button";
import { Empty, Failed, Skeleton } from "../ui/state";
import { ROW, Row } from "./row";

export function List({ search, tab, current }: { search: InboxSearch; tab: Tab; current?: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const counts = useQuery(countsQuery).data;
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  const key = { tab, q: search.q ?? "", queue: search.queue ?? "" };
  const list = useInfiniteQuery({ ...inboxQuery(key), placeholderData: keepPreviousData });
  const rows = useMemo(() => unique(list.data?.pages.flatMap((p) => p.items) ?? []), [list.data]);
  const field = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);

  const go = (next: Partial<InboxSearch>) =>
    void navigate({ to: current ? "/inbox/$id" : "/inbox", params: current ? { id: current } : undefined, search: { ...search, ...next }, replace: true } as never);

  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, getItemKey: (i) => rows[i]?.id ?? i });
  const visible = virtual.getVirtualItems();
  const end = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (end >= rows.length - 30 && list.hasNextPage && !list.isFetchingNextPage && !list.isFetchNextPageError) void list.fetchNextPage();
  }, [end, rows.length, list]);

  const step = (by: number) => {
    const i = rows.findIndex((r) => r.id === current);
    const next = rows[i < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, i + by))];
    if (!next) return;
    virtual.scrollToIndex(rows.indexOf(next));
    void navigate({ to: "/inbox/$id", params: { id: next.id }, search });
  };
  useKeys({ j: () => step(1), k: () => step(-1), "/": () => field.current?.focus() });

  const tabs = [
    { value: "mine" as const, label: t("inbox.tab.mine"), count: counts?.mine },
    { value: "queues" as const, label: t("inbox.tab.queues"), count: counts?.queues },
    ...(may(me, "inbox.all") ? [{ value: "all" as const, label: t("inbox.tab.all"), count: counts?.all }] : []),
    ...(may(me, "inbox.all") ? [{ value: "closed" as const, label: t("inbox.tab.closed") }] : []),
  ];
  return (
    <>
      <h1 className="sr-only">{t("nav.inbox")}</h1>
      <div className="space-y-2 border-b border-line px-3 pt-3 pb-2">
        <Filter ref={field} value={search.q ?? ""} onChange={(q) => go({ q: q || undefined })} />
        <Tabs label={t("inbox.tabs")} value={tab} onChange={(v) => go({ tab: v, queue: undefined })} tabs={tabs} className="-mx-1 overflow-x-auto" />
        {tab === "queues" && (queues?.length ?? 0) > 1 && (
          <div className="flex gap-1 overflow-x-auto" role="group" aria-label={t("inbox.queue_filter")}>
            {[{ name: "", title: t("inbox.every_queue") }, ...(queues ?? [])].map((q) => (
              <button
                key={q.name}
                type="button"
                aria-pressed={(search.queue ?? "") === q.name}
                onClick={() => go({ queue: q.name || undefined })}
                className={clsx("h-6 shrink-0 rounded-full border px-2 text-xs", (search.queue ?? "") === q.name ? "border-accent-line bg-accent-soft text-accent-text" : "border-line text-text-2 hover:bg-hover")}
              >
                {textIn(q.title) || q.name}
                {q.name && counts?.by_queue?.[q.name] ? <span className="ml-1 tabular-nums">{counts.by_queue[q.name]}</span> : null}
              </button>
            ))}
          </div>
        )}
      </div>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto" aria-busy={list.isFetching} data-testid="inbox-list">
        {list.isPending ? (
          <Shape />
        ) : list.isError && rows.length === 0 ? (
          <Failed error={list.error} retry={() => void list.refetch()} />
        ) : rows.length === 0 ? (
          <Nothing tab={tab} q={search.q} clear={() => go({ q: undefined })} />
        ) : (
          <div role="list" aria-label={t("inbox.list")} style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {visible.map((v) => {
              const row = rows[v.index];
              return (
                <div key={v.key} role="listitem" aria-posinset={v.index + 1} aria-setsize={list.hasNextPage ? -1 : rows.length} style={{ position: "absolute", top: 0, left: 0, right: 0, height: ROW, transform: `translateY(${v.start}px)` }}>
                  <Row row={row} me={me.id} tab={tab} current={row.id === current} search={search} />
                </div>
              );
            })}
          </div>
        )}
        {list.isFetchNextPageError && <div className="p-3 text-center"><Button small onClick={() => void list.fetchNextPage()}>{t("common.retry")}</Button></div>}
      </div>
    </>
  );
}

function Filter({ value, onChange, ref }: { value: string; onChange: (q: string) => void; ref: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      onChange(text);
    }, 200);
    return () => clearTimeout(timer);
  });
  return (
    <div className="flex h-8 items-center gap-2 rounded-md border border-field bg-surface px-2.5 focus-within:border-accent focus-within:outline-2 focus-within:outline-accent-text">
      <Search size={14} className="shrink-0 text-text-3" aria-hidden />
      <input
        ref={ref}
        type="search"
        value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") {
            setText("");
            e.currentTarget.blur();
          }
        }}
        aria-label={t("inbox.search")}
        placeholder={t("inbox.search")}
        className="min-w-0 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      {text && (
        <button type="button" aria-label={t("common.clear")} onClick={() => setText("")} className="text-text-3 hover:text-text">
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}

function Nothing({ tab, q, clear }: { tab: Tab; q?: string; clear: () => void }) {
  const { t } = useTranslation();
  if (q) return <Empty icon={<Search size={18} aria-hidden />} title={t("inbox.no_match", { q })} action={<Button small onClick={clear}>{t("common.clear_search")}</Button>} />;
  return <Empty icon={<InboxIcon size={18} aria-hidden />} title={t(`inbox.empty.${tab}`)}>{t(`inbox.empty_text.${tab}`)}</Empty>;
}

function Shape() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common.loading")}>
      {Array.from({ length: 9 }, (_, i) => (
        <div key={i} className="flex h-[60px] flex-col justify-center gap-2 border-b border-line px-4">
          <Skeleton className="h-3.5 w-2/5" />
          <Skeleton className="h-3 w-4/5" />
        </div>
      ))}
    </div>
  );
}

function unique(rows: InboxRow[]): InboxRow[] {
  const seen = new Set<string>();
  return rows.filter((r) => !seen.has(r.id) && seen.add(r.id));
}
