import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { FileText, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMedia } from "../../lib/media";
import { Button } from "../../ui/button";
import { TextInput } from "../../ui/field";
import { Dialog } from "../../ui/overlay";
import { Badge, Empty, Failed, SkeletonRows, useErrorText } from "../../ui/state";
import { toast } from "../../ui/toast";
import { allItems, type Item, type ItemState, itemsQuery, type Run, type Source } from "./api";
import { Detail } from "./item";
import { StateBadge } from "./kinds";
import { type Choices, Filters } from "./source";

/** Whether a page would be taken over, and may be left out. */
export const choosable = (s: ItemState) => s === "new" || s === "changed";

const without = (set: ReadonlySet<string>, ...ids: string[]) => new Set([...set].filter((x) => !ids.includes(x)));

/** Where a page lies, unless that is its title once more. */
export const where = (i: Item) => (i.page.url ? i.page.url : i.page.key === i.page.title ? i.page.section : i.page.key);

/** The pages of a source: which there are, and beside them the one that is looked at. */
export function Items({ source, run, busy, choices, onChoices }: { source: Source; run: Run; busy: boolean; choices: Choices; onChoices?: (c: Choices) => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const room = useMedia("(min-width: 1024px)");
  const [state, setState] = useState<ItemState | "">("");
  const [words, setWords] = useState("");
  const [q, setQ] = useState("");
  const [open, setOpen] = useState<string>();
  const rows = useRef<HTMLUListElement>(null);
  const stamp = `${run.id}:${run.status}`;
  useEffect(() => {
    const timer = setTimeout(() => setQ(words), 200);
    return () => clearTimeout(timer);
  }, [words]);
  useEffect(() => setState(""), [stamp]);
  const list = useInfiniteQuery({ ...itemsQuery(source.id, stamp, state, q), placeholderData: keepPreviousData, refetchInterval: busy ? 2000 : false });
  const items = list.data?.pages.flatMap((p) => p.items) ?? [];
  const shown = items.find((i) => i.id === open) ?? (room ? items[0] : undefined);

  const toggle = (i: Item) => onChoices?.({ ...choices, skip: choices.skip.has(i.id) ? without(choices.skip, i.id) : new Set([...choices.skip, i.id]) });
  const decide = (i: Item, whose: "take" | "keep" | undefined) =>
    onChoices?.({
      ...choices,
      take: whose === "take" ? new Set([...choices.take, i.id]) : without(choices.take, i.id),
      keep: whose === "keep" ? new Set([...choices.keep, i.id]) : without(choices.keep, i.id),
    });
  const everyone = async (on: boolean) => {
    try {
      const all = (list.hasNextPage ? await allItems(source.id, state, q) : items).filter((i) => choosable(i.state)).map((i) => i.id);
      onChoices?.({ ...choices, skip: on ? without(choices.skip, ...all) : new Set([...choices.skip, ...all]) });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const can = items.filter((i) => choosable(i.state));
  const off = can.filter((i) => choices.skip.has(i.id)).length;
  /** Arrows walk through the list, x takes a page in or out. */
  const keys = (e: KeyboardEvent) => {
    const by = e.key === "ArrowDown" || e.key === "j" ? 1 : e.key === "ArrowUp" || e.key === "k" ? -1 : 0;
    const at = items.findIndex((i) => i.id === shown?.id);
    if (e.key === "x" && items[at] && choosable(items[at].state)) return toggle(items[at]);
    if (!by || at < 0) return;
    const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
    e.preventDefault();
    if (room) setOpen(next.id);
    rows.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.focus();
  };
  if (list.isPending) return <SkeletonRows rows={8} />;
  if (list.isError && !items.length) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const detail = shown && (
    <Detail
      key={shown.id + stamp}
      source={source}
      item={shown}
      stamp={stamp}
      whose={choices.take.has(shown.id) ? "take" : choices.keep.has(shown.id) ? "keep" : undefined}
      onDecide={onChoices && shown.state === "conflict" ? (w) => decide(shown, w) : undefined}
    />
  );
  return (
    <div className="flex h-full min-h-0">
      <section aria-label={t("sources.pages")} className="flex min-h-0 w-[44%] flex-col border-r border-line max-lg:w-full max-lg:border-0">
        <div className="space-y-2 border-b border-line px-4 py-2 md:pl-6">
          <Filters run={run} value={state} onChange={(v) => setState(v as ItemState | "")} />
          <div className="relative">
            <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
            <TextInput type="search" className="pl-8" value={words} onChange={(e) => setWords(e.target.value)} aria-label={t("sources.search")} placeholder={t("sources.search")} />
          </div>
          {onChoices && can.length > 0 && (
            <label className="flex w-fit cursor-pointer items-center gap-2.5 text-xs text-text-2">
              <input type="checkbox" className="size-4 accent-(--accent)" checked={off === 0} ref={(el) => { if (el) el.indeterminate = off > 0 && off < can.length; }} onChange={(e) => void everyone(e.target.checked)} />
              {t("sources.take_all")}
            </label>
          )}
        </div>
        {items.length === 0 ? (
          <Empty icon={<FileText size={18} aria-hidden />} title={q || state ? t("sources.no_match") : t("sources.no_pages")} />
        ) : (
          <ul ref={rows} onKeyDown={keys} className="min-h-0 flex-1 overflow-y-auto" aria-label={t("sources.pages")}>
            {items.map((i) => (
              <li key={i.id} className={clsx("flex items-center gap-2.5 border-b border-line pl-4 md:pl-6", shown?.id === i.id && room ? "bg-accent-soft" : "hover:bg-hover")}>
                {onChoices && choosable(i.state) ? (
                  <input type="checkbox" aria-label={t("sources.take_page", { title: i.page.title })} className="size-4 shrink-0 accent-(--accent)" checked={!choices.skip.has(i.id)} onChange={() => toggle(i)} />
                ) : (
                  onChoices && can.length > 0 && <span className="w-4 shrink-0" />
                )}
                <button type="button" data-id={i.id} aria-current={shown?.id === i.id ? "true" : undefined} onClick={() => setOpen(i.id)} className="flex min-w-0 flex-1 items-center gap-3 py-2 pr-4 text-left">
                  <span className="min-w-0 flex-1">
                    <span className={clsx("block truncate font-medium", choices.skip.has(i.id) && "text-text-3 line-through")}>{i.page.title}</span>
                    {where(i) && <span className="block truncate text-xs text-text-3">{where(i)}</span>}
                  </span>
                  {i.state === "conflict" && choices.take.has(i.id) ? <Badge meaning="live">{t("sources.theirs")}</Badge> : i.state === "conflict" && choices.keep.has(i.id) ? <Badge meaning="done">{t("sources.ours")}</Badge> : <StateBadge state={i.state} />}
                </button>
              </li>
            ))}
            {list.hasNextPage && <li className="p-3 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t("common.loading") : t("common.more")}</Button></li>}
          </ul>
        )}
      </section>
      {room ? <section aria-label={shown?.page.title} className="min-h-0 min-w-0 flex-1 overflow-y-auto bg-bg" tabIndex={-1}>{detail}</section> : open && shown && <Dialog open side onClose={() => setOpen(undefined)} title={shown.page.title}><div className="min-h-0 flex-1 overflow-y-auto">{detail}</div></Dialog>}
    </div>
  );
}
