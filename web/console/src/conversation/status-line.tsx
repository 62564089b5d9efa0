import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queuesQuery } from "../api/queries";
import type { StatusChange } from "../api/types";
import { textIn } from "../i18n";
import { When } from "../ui/bits";

const known = ["handed_off", "accepted", "declined", "expired", "taken", "transferred", "handed_back", "parked", "unparked", "released", "closed", "reopened", "abandoned", "called_again"] as const;
type Reason = (typeof known)[number];

/** A change of hands, as a line between the messages. */
export function StatusLine({ change, at, me }: { change: StatusChange; at: string; me: string }) {
  const { t } = useTranslation();
  const queues = useQuery({ ...queuesQuery, staleTime: 120_000 }).data;
  const queue = textIn(queues?.find((q) => q.name === change.queue)?.title) || change.queue || "";
  const agent = change.agent?.id === me ? t("conversation.you") : (change.agent?.name ?? t("conversation.an_agent"));
  const reason = known.includes(change.reason as Reason) ? (change.reason as Reason) : undefined;
  return (
    <p className="my-2 flex items-center justify-center gap-2 text-xs text-text-3">
      <span>{reason ? t(`change.${reason}`, { agent, queue }) : t("change.to", { status: t(`status.${change.to}`) })}</span>
      <When at={at} />
    </p>
  );
}
