import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Download, PhoneIncoming, PhoneOutgoing, Search, Voicemail, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { url } from "../api/client";
import { agentsQuery, queuesQuery } from "../api/queries";
import { textIn } from "../i18n";
import { dayAndTime, instant, number } from "../lib/time";
import { td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Check, TextInput } from "../ui/field";
import { Dialog, Menu, MenuItem } from "../ui/overlay";
import { Badge, Empty, Failed, type Meaning, Skeleton, SkeletonRows } from "../ui/state";
import { range, type RecordFilter, recordingsQuery, recordsPage } from "./api";
import { millis, mmss } from "./clock";
import { Caller, useCaller } from "./caller";
import { RecordingCard } from "./player";
import { Quality } from "./quality";
import type { CallRecord } from "./types";
import { causeText } from "./words";

const bad: Record<string, Meaning> = { lost: "breach", failed: "breach", congestion: "breach", busy: "warning", no_answer: "warning", rejected: "warning", unreachable: "warning", cancelled: "waiting" };

/** Every call that was, with how it went and what was recorded. */
export function Records() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as RecordFilter;
  const filter: RecordFilter = { from: search.from, to: search.to, q: search.q === undefined ? undefined : String(search.q), recorded: search.recorded };
  const set = (c: RecordFilter) => void navigate({ to: "/calls", search: { tab: "records", ...filter, ...c }, replace: true } as never);
  const [text, setText] = useState(filter.q ?? "");
  useEffect(() => {
    if ((text || undefined) === filter.q) return;
    const timer = setTimeout(() => location.pathname === "/calls" && set({ q: text || undefined }), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const list = useInfiniteQuery({
    queryKey: ["voice", "records", filter.from ?? "", filter.to ?? "", filter.q ?? "", filter.recorded ?? false],
    queryFn: ({ pageParam }) => recordsPage(filter, pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const [open, setOpen] = useState<CallRecord>();
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const filtered = Boolean(filter.from || filter.to || filter.q || filter.recorded);
  const save = (format: string) => url("/api/voice/records/export", { format, ...range(filter) });
  return (
    <>
      <div className="sticky top-0 z-10 flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2 md:px-6">
        <div className="relative w-64 max-md:w-full">
          <Search size={14} className="absolute top-2.5 left-2.5 text-text-3" aria-hidden />
          <TextInput type="search" className="pl-8" value={text} onChange={(e) => setText(e.target.value)} aria-label={t("records.search")} placeholder={t("records.search")} />
        </div>
        <label className="flex items-center gap-1.5 text-xs text-text-3">{t("records.from")}<TextInput type="date" className="!w-36" value={filter.from ?? ""} max={filter.to} onChange={(e) => set({ from: e.target.value || undefined })} /></label>
        <label className="flex items-center gap-1.5 text-xs text-text-3">{t("records.to")}<TextInput type="date" className="!w-36" value={filter.to ?? ""} min={filter.from} onChange={(e) => set({ to: e.target.value || undefined })} /></label>
        <Check label={t("records.recorded")} checked={filter.recorded ?? false} onChange={(e) => set({ recorded: e.target.checked || undefined })} />
        {filtered && <Button small tone="quiet" icon={<X size={12} aria-hidden />} onClick={() => { setText(""); set({ from: undefined, to: undefined, q: undefined, recorded: undefined }); }}>{t("common.clear")}</Button>}
        <span className="flex-1" />
        <Menu trigger={<Button small icon={<Download size={13} aria-hidden />}>{t("records.export")}</Button>}>
          {(["csv", "json"] as const).map((f) => <MenuItem key={f} onSelect={() => location.assign(save(f))}>{f.toUpperCase()}</MenuItem>)}
        </Menu>
      </div>
      {list.isPending ? (
        <SkeletonRows rows={10} />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<PhoneIncoming size={18} aria-hidden />} title={filtered ? t("records.no_match") : t("records.empty")}>{filtered ? t("records.no_match_text") : t("records.empty_text")}</Empty>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full max-md:block">
            <thead className="border-b border-line max-md:hidden">
              <tr>
                <th scope="col" className={`${th} md:pl-6`}>{t("records.when")}</th>
                <th scope="col" className={th}>{t("records.who")}</th>
                <th scope="col" className={th}>{t("board.queue")}</th>
                <th scope="col" className={th}>{t("board.agent")}</th>
                <th scope="col" className={`${th} text-right`}>{t("records.waited")}</th>
                <th scope="col" className={`${th} text-right`}>{t("records.talked")}</th>
                <th scope="col" className={th}>{t("records.end")}</th>
                <th scope="col" className={`${th} max-lg:hidden`}>{t("board.quality")}</th>
              </tr>
            </thead>
            <tbody className="max-md:block">{rows.map((r) => <Row key={r.id} r={r} onOpen={() => setOpen(r)} />)}</tbody>
          </table>
          {list.hasNextPage && <div className="p-4 text-center"><Button disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{list.isFetchingNextPage ? t("common.loading") : t("common.more")}</Button></div>}
        </div>
      )}
      {open && <Details r={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function useNames() {
  const agents = useQuery({ ...agentsQuery, staleTime: 60_000 }).data;
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  return {
    agent: (id?: string) => agents?.find((a) => a.id === id)?.name ?? "",
    queue: (name?: string) => textIn(queues?.find((q) => q.name === name)?.title) || name || "",
  };
}

const customerOf = (r: CallRecord) => (r.direction === "in" ? r.from : r.to);

function Row({ r, onOpen }: { r: CallRecord; onOpen: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const Way = r.direction === "in" ? PhoneIncoming : PhoneOutgoing;
  return (
    <tr data-testid="record" className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-x-3 max-md:gap-y-0.5 max-md:px-4 max-md:py-2.5">
      <td className={`${td} whitespace-nowrap text-text-2 tabular-nums md:pl-6 max-md:order-2 max-md:p-0 max-md:text-xs`}><When at={r.started_at} long={dayAndTime} /></td>
      <td className={`${td} max-md:order-1 max-md:w-full max-md:p-0`}>
        <button type="button" onClick={onOpen} className="inline-flex items-center gap-2 font-medium tabular-nums after:absolute after:inset-0">
          <Way size={13} className="shrink-0 text-text-3" aria-label={t(`call.direction.${r.direction}`)} />
          <Caller number={customerOf(r)} />
        </button>
        {r.recorded && <Voicemail size={13} className="ml-2 inline text-text-3" role="img" aria-label={t("records.is_recorded")} />}
        {r.source !== "parley" && <span className="ml-2 rounded-sm bg-sunken px-1.5 text-xs text-text-2">{r.source}</span>}
      </td>
      <td className={`${td} text-text-2 max-md:order-3 max-md:p-0 max-md:text-xs`}>{names.queue(r.queue) || <span className="text-text-3 max-md:hidden">–</span>}</td>
      <td className={`${td} text-text-2 max-md:order-4 max-md:p-0 max-md:text-xs`}>{names.agent(r.agent_id) || <span className="text-text-3 max-md:hidden">–</span>}</td>
      <td className={`${td} text-right tabular-nums max-md:hidden`}>{r.queued_at ? mmss(millis(r.waited)) : <span className="text-text-3">–</span>}</td>
      <td className={`${td} text-right tabular-nums max-md:order-5 max-md:ml-auto max-md:p-0`}>{r.talked ? mmss(millis(r.talked)) : <span className="text-text-3 max-md:hidden">–</span>}</td>
      <td className={`${td} max-md:order-6 max-md:p-0`}><End r={r} /></td>
      <td className={`${td} max-lg:hidden`}><Quality list={r.quality} /></td>
    </tr>
  );
}

function End({ r }: { r: CallRecord }) {
  const { t } = useTranslation();
  if (!r.ended_at) return <Badge meaning="live">{t("records.up")}</Badge>;
  const reason = r.cause?.reason ?? "";
  const how = bad[reason];
  return how ? <Badge meaning={how}>{causeText(t, reason)}</Badge> : <span className="text-text-2">{causeText(t, reason)}</span>;
}

function Details({ r, onClose }: { r: CallRecord; onClose: () => void }) {
  const { t } = useTranslation();
  const caller = useCaller();
  const names = useNames();
  const recordings = useQuery({ ...recordingsQuery({ call: r.id }), enabled: Boolean(r.recorded) });
  const times: [string, string | undefined][] = [["started", r.started_at], ["answered", r.answered_at], ["queued", r.queued_at], ["talked", r.talked_at], ["ended", r.ended_at]];
  const lines: [string, ReactNode][] = [
    [t("records.f.from"), caller(r.from)],
    [t("records.f.to"), caller(r.to)],
    ...(r.trunk ? [[t("records.f.trunk"), r.trunk] as [string, ReactNode]] : []),
    ...(r.queue ? [[t("board.queue"), names.queue(r.queue)] as [string, ReactNode]] : []),
    ...(r.agent_id ? [[t("board.agent"), names.agent(r.agent_id) || r.agent_id] as [string, ReactNode]] : []),
    [t("records.waited"), mmss(millis(r.waited))],
    [t("records.talked"), mmss(millis(r.talked))],
    [t("records.f.held"), mmss(millis(r.held_for))],
    [t("records.end"), <>{causeText(t, r.cause?.reason)}{r.cause?.by ? ` · ${t(`records.by.${r.cause.by as "caller"}`, { defaultValue: r.cause.by })}` : ""}{r.cause?.sip ? ` · SIP ${r.cause.sip}` : ""}</>],
    [t("records.f.source"), [r.source, r.node].filter(Boolean).join(" · ")],
  ];
  return (
    <Dialog open onClose={onClose} title={t("records.call", { number: caller(customerOf(r)) })} description={dayAndTime(r.started_at)} side>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {r.recorded && (
          <section className="border-b border-line px-4 py-3">
            {recordings.isPending ? <Skeleton className="h-16 w-full rounded-lg" /> : recordings.isError ? <Failed error={recordings.error} retry={() => void recordings.refetch()} /> : recordings.data.length === 0 ? <p className="text-text-3">{t("records.recording_gone")}</p> : recordings.data.map((x) => <RecordingCard key={x.id} recording={x} />)}
          </section>
        )}
        <div className="grid gap-x-10 gap-y-4 p-4 md:grid-cols-2">
          <dl className="space-y-1.5">
            {lines.map(([k, v]) => (
              <div key={k} className="flex gap-3"><dt className="w-28 shrink-0 text-text-3">{k}</dt><dd className="min-w-0 break-words tabular-nums">{v}</dd></div>
            ))}
          </dl>
          <ol className="space-y-1.5">
            {times.filter(([, at]) => instant(at)).map(([k, at]) => (
              <li key={k} className="flex gap-3"><span className="w-28 shrink-0 text-text-3">{t(`records.t.${k as "started"}`)}</span><When at={at} long={(x) => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(instant(x))} className="tabular-nums" /></li>
            ))}
          </ol>
        </div>
        {r.quality && r.quality.length > 0 && (
          <table className="w-full border-t border-line">
            <caption className="px-4 pt-3 pb-1 text-left text-xs font-semibold text-text-2">{t("board.quality")}</caption>
            <thead className="border-b border-line"><tr>{(["leg", "codec", "loss", "jitter", "rtt", "mos"] as const).map((k) => <th key={k} scope="col" className={`${th} ${k === "leg" || k === "codec" ? "" : "text-right"}`}>{t(`quality.${k}`)}</th>)}</tr></thead>
            <tbody>
              {r.quality.map((q, i) => (
                <tr key={i} className="border-b border-line tabular-nums">
                  <td className={td}>{t(`quality.role.${q.role as "caller"}`, { defaultValue: q.role })}</td>
                  <td className={td}>{q.codec}</td>
                  <td className={`${td} text-right`}>{number(q.loss_pct, { maximumFractionDigits: 2 })} %</td>
                  <td className={`${td} text-right`}>{number(q.jitter_ms, { maximumFractionDigits: 1 })} ms</td>
                  <td className={`${td} text-right`}>{number(q.rtt_ms, { maximumFractionDigits: 0 })} ms</td>
                  <td className={`${td} text-right`}>{number(q.mos, { minimumFractionDigits: 1, maximumFractionDigits: 1 })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {r.conversation_id && <p className="border-t border-line p-4"><Link to="/inbox/$id" params={{ id: r.conversation_id }} className="text-accent-text hover:underline">{t("records.conversation")}</Link></p>}
      </div>
    </Dialog>
  );
}

