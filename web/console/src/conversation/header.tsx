import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, PanelRight } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "../api/queries";
import type { Opened, Status } from "../api/types";
import { textIn } from "../i18n";
import { ChannelName } from "../inbox/channel";
import { useWho } from "../inbox/who";
import { dayAndTime, instant } from "../lib/time";
import { Avatar, Since } from "../ui/bits";
import { IconButton } from "../ui/button";
import { Badge, type Meaning } from "../ui/state";
import { useDispositions } from "../voice/wrap-up";
import { usual } from "./actions";

export const statusMeaning: Record<Status, Meaning> = { automated: "done", waiting: "waiting", offered: "waiting", assigned: "live", parked: "done", closed: "done" };

export function Header({ opened, agent, onBack, onContext, contextOn, children }: { opened: Opened; agent?: string; onBack: () => void; onContext: () => void; contextOn: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  const who = useWho();
  const { conversation: c, contact } = opened;
  const queue = c.queue && (textIn(queues?.find((q) => q.name === c.queue)?.title) || c.queue);
  const codes = useDispositions(c.queue);
  const ended = (key: string) => textIn(codes.find((d) => d.key === key)?.title) || (usual.some((u) => u === key) ? t(`close.${key as (typeof usual)[number]}`) : key);
  const waits = c.status === "waiting" || c.status === "offered";
  const badge = (
    <Badge meaning={statusMeaning[c.status]}>
      {t(`status.${c.status}`)}
      {waits && instant(c.waiting_since) > 0 && <Since at={c.waiting_since as string} />}
    </Badge>
  );
  return (
    <header className="flex min-h-14 items-center gap-3 border-b border-line bg-surface px-4 py-1.5 max-md:gap-1.5 max-md:px-2">
      <IconButton label={t("common.back")} onClick={onBack} className="md:hidden"><ArrowLeft size={18} aria-hidden /></IconButton>
      <Avatar name={contact.name} size={32} />
      <div className="min-w-0 flex-1">
        <h2 className="flex items-center gap-2">
          <span className="truncate text-base font-semibold">{who(contact, c)}</span>
          <span className="contents max-md:hidden">{badge}</span>
        </h2>
        <p className="flex min-w-0 items-center gap-1.5 overflow-hidden text-xs whitespace-nowrap text-text-3 max-md:block max-md:truncate max-md:[&>span]:mr-1">
          {!(c.status === "assigned" && agent) && <span className="shrink-0 md:hidden">{badge}</span>}
          <span className="shrink-0"><ChannelName channel={c.channel} /></span>
          {queue && <span className="shrink-0">· {queue}</span>}
          {agent && <span className="shrink-0">· {agent}</span>}
          {c.status === "closed" && c.disposition && <span className="shrink-0">· {ended(c.disposition)}</span>}
          {c.status === "parked" && instant(c.parked_until) > 0 && <span className="shrink-0">· {t("conversation.parked_until", { time: dayAndTime(c.parked_until) })}</span>}
          {c.subject && <span className="truncate max-lg:hidden">· {c.subject}</span>}
        </p>
      </div>
      {children}
      <IconButton label={t("context.toggle")} aria-pressed={contextOn} onClick={onContext}><PanelRight size={16} aria-hidden /></IconButton>
    </header>
  );
}
