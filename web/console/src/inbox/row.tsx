import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { AlertTriangle, Bot, Check, CircleAlert, Clock, CornerUpLeft, Hourglass, Pause, UserRound } from "lucide-react";
import { memo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { InboxRow, Tab } from "../api/types";
import { full, instant, short, span, useNow } from "../lib/time";
import type { Meaning } from "../ui/state";
import { callLook } from "../voice/look";
import { upNow } from "../voice/calls";
import { callTime, mmss } from "../voice/clock";
import { calls } from "../voice/desk";
import type { CallNews } from "../voice/types";
import { ChannelIcon } from "./channel";
import { useWho } from "./who";
import { type Turn, turn, urgency, waitsSince } from "./move";

export const ROW = 60;

const icons: Record<Turn, typeof Clock> = { yours: CornerUpLeft, agents: UserRound, customers: Hourglass, waiting: Clock, offered: Clock, bots: Bot, parked: Pause, closed: Check };
const colours: Record<Meaning, string> = { waiting: "text-waiting", live: "text-live", warning: "text-warning", breach: "text-breach", done: "text-text-3" };

export const Row = memo(function Row({ row, me, tab, current, search }: { row: InboxRow; me: string; tab: Tab; current: boolean; search: object }) {
  const { t } = useTranslation();
  const whose = turn(row, me);
  const since = waitsSince(row, whose);
  const Icon = icons[whose];
  const call = useCallOf(row.id);
  const who = useWho();
  return (
    <Link
      to="/inbox/$id"
      params={{ id: row.id }}
      search={search}
      aria-current={current ? "true" : undefined}
      data-testid="inbox-row"
      className={clsx("relative flex h-[60px] flex-col justify-center gap-0.5 border-b border-line px-4 outline-offset-[-2px]", current ? "bg-accent-soft" : "hover:bg-hover")}
    >
      {current && <span className="absolute inset-y-0 left-0 w-[3px] bg-accent" aria-hidden />}
      <span className="flex items-center gap-1.5">
        <span className={clsx("truncate", row.unread > 0 ? "font-semibold" : "font-medium")}>{who(row.contact, row)}</span>
        <ChannelIcon channel={row.channel} />
        {row.priority > 0 && <span className="rounded-sm bg-warning-soft px-1 text-2xs font-medium text-warning" title={t("inbox.priority", { n: row.priority })}>{t("inbox.urgent")}</span>}
        <span className="flex-1" />
        {call ? <OnThePhone call={call} /> : since ? <Waited at={since} channel={row.channel} /> : <time dateTime={row.last_at} title={full(row.last_at)} className="text-xs text-text-3 tabular-nums">{short(row.last_at)}</time>}
      </span>
      <span className="flex items-center gap-1.5 text-text-2">
        <span className="min-w-0 flex-1 truncate text-xs">
          {row.subject && <span className="text-text">{row.subject}</span>}
          {row.subject && row.preview && row.preview !== row.subject && <span className="text-text-3"> · </span>}
          {row.preview !== row.subject && <span className={clsx(row.subject && "text-text-3")}>{row.preview}</span>}
        </span>
        {row.unread > 0 && (
          <span className="flex h-4 min-w-4 items-center justify-center rounded-full bg-accent px-1 text-2xs font-semibold text-on-accent" title={t("inbox.unread", { count: row.unread })}>
            {row.unread}
            <span className="sr-only"> {t("inbox.unread", { count: row.unread })}</span>
          </span>
        )}
        <span className={clsx("inline-flex shrink-0 items-center gap-1 text-xs", whose === "yours" ? "font-medium text-accent-text" : "text-text-3")}>
          <Icon size={11} aria-hidden />
          {whose === "agents" && row.agent && tab !== "mine" ? row.agent.name.split(" ")[0] : t(`turn.${whose}`)}
        </span>
      </span>
    </Link>
  );
});

/** A call of mine that is up in the conversation. */
function useCallOf(id: string): CallNews | undefined {
  const c = useSyncExternalStore(calls.subscribe, () => calls.get()[id]);
  return upNow(c) ? c : undefined;
}

function OnThePhone({ call }: { call: CallNews }) {
  const { t } = useTranslation();
  const now = useNow();
  const look = callLook(call);
  return (
    <span title={t(`call.state.${look.key}`)} className={clsx("inline-flex shrink-0 items-center gap-1 text-xs font-medium tabular-nums", colours[look.meaning])}>
      <look.icon size={11} strokeWidth={2.5} aria-hidden />
      <span className="sr-only">{t(`call.state.${look.key}`)} </span>
      {mmss(callTime(call, now))}
    </span>
  );
}

function Waited({ at, channel }: { at: string; channel: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const ms = Math.max(0, now - instant(at));
  const how = urgency(channel, ms / 1000);
  const Icon = how === "breach" ? CircleAlert : how === "warning" ? AlertTriangle : Clock;
  return (
    <time dateTime={at} title={`${t(`urgency.${how as "waiting"}`)} · ${full(at)}`} className={clsx("inline-flex shrink-0 items-center gap-1 text-xs font-medium tabular-nums", colours[how])}>
      <Icon size={11} strokeWidth={2.5} aria-hidden />
      <span className="sr-only">{t(`urgency.${how as "waiting"}`)} </span>
      {span(ms)}
    </time>
  );
}
