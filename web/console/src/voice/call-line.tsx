import { clsx } from "clsx";
import { BadgeCheck, Phone, PhoneForwarded, PhoneMissed, PhoneOff, Smartphone, Voicemail } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Mark, Message } from "../api/types";
import { words } from "../conversation/timeline";
import { When } from "../ui/bits";
import { mmss } from "./clock";
import type { PastCall } from "./ended";
import { callerOf, readable } from "./number";
import { causeText } from "./words";

/** What happened to a call, as a line between the messages. */
export function CallLine({ mark: m, call, at }: { mark: Mark; call?: PastCall; at: string }) {
  const { t } = useTranslation();
  const line = useLine()(m, call);
  if (!line) return null;
  const Icon = m.kind === "verified" ? BadgeCheck : m.kind === "voicemail" ? Voicemail : m.kind === "callback" ? PhoneForwarded : m.kind === "abandoned" ? PhoneMissed : m.value === "ended" ? PhoneOff : Phone;
  return (
    <p data-testid="call-line" className="my-2 flex items-center justify-center gap-2 text-center text-xs text-text-3">
      <Icon size={12} className="shrink-0" aria-label={t("call.label")} />
      <span>{line}</span>
      <When at={at} />
    </p>
  );
}

/** Our short message with the link of the call's page: that it was sent is what matters, not its text. */
export function LinkLine({ message: m, at }: { message: Message; at: string }) {
  const { t } = useTranslation();
  const failed = m.delivery === "failed";
  return (
    <p data-testid="link-line" className={clsx("my-2 flex items-center justify-center gap-2 text-center text-xs", failed ? "text-breach" : "text-text-3")}>
      <Smartphone size={12} className="shrink-0" aria-hidden />
      <span title={m.error}>{t(failed ? "line.link_failed" : "line.link")}</span>
      <When at={at} />
    </p>
  );
}

function beganText(t: TFunction, from: string): string {
  const kind = callerOf(from);
  return kind === "number" ? t("line.began", { from: readable(from) }) : t(`line.began_${kind}`);
}

const known = ["transferred", "consulted", "merged", "left", "joined", "recording", "paused", "held", "resumed", "listened"] as const;
const promises = ["asked", "cancelled", "answered"] as const;

function useLine(): (m: Mark, call?: PastCall) => string {
  const { t } = useTranslation();
  return (m, call) => {
    const d = m.data ?? {};
    switch (m.kind) {
      case "call": {
        if (m.value === "began") return beganText(t, d.from ?? "");
        if (m.value === "ended") return [t("line.ended"), call?.seconds !== undefined ? mmss(call.seconds * 1000) : "", causeText(t, d.cause)].filter(Boolean).join(" · ");
        const word = known.find((k) => k === m.value);
        const who = readable(d.to ?? d.name ?? d.agent ?? "");
        return word ? [t(`line.${word}`), who].filter(Boolean).join(": ") : words(m.value);
      }
      case "callback": {
        const word = promises.find((k) => k === m.value);
        return [word ? t(`line.callback.${word}`) : `${t("callback.title")}: ${causeText(t, m.value)}`, d.phone && readable(d.phone), d.result && causeText(t, d.result)].filter(Boolean).join(" · ");
      }
      case "voicemail":
        return t("line.voicemail", { time: mmss(Number(d.seconds ?? 0) * 1000) });
      case "verified":
        return t("line.verified", { how: words(m.flow) });
      case "abandoned":
        return t("line.abandoned", { time: mmss(Number(d.waited ?? 0) * 1000) });
      default:
        return "";
    }
  };
}
