import { clsx } from "clsx";
import { Bot, Check, CheckCheck, CircleAlert, Clock, FileText, Grid3x3, Lock, MapPin, MousePointerClick, Scissors } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment, Content, Delivery, Message } from "../api/types";
import { Markdown } from "../lib/markdown";
import { bytes, clock, useNow } from "../lib/time";
import { When } from "../ui/bits";
import { ChannelIcon, ChannelName } from "../inbox/channel";
import { Clip } from "../voice/clip";
import { heardBeyond, heardUpTo, plainText } from "../voice/plain";
import { useErrorText } from "../ui/state";
import { restore } from "./composer";
import type { Outgoing } from "./outbox";
import { outbox } from "./sending";
import type { Item } from "./timeline";

type MessageItem = Extract<Item, { kind: "message" }>;

export const Bubble = memo(function Bubble({ item, me, customer, customerSeq, mixed }: { item: MessageItem; me: string; customer: string; customerSeq: number; mixed?: boolean }) {
  const { t } = useTranslation();
  const { message: m, first, last } = item;
  const theirs = m.author.kind === "customer";
  const by = theirs ? m.author.name || customer : m.author.kind === "bot" ? t("thread.bot") : m.author.kind === "system" ? t("thread.automatic") : m.author.id === me ? t("conversation.you") : m.author.name || t("conversation.an_agent");
  const delivery = !theirs && !m.private && m.delivery && customerSeq >= m.seq && m.delivery !== "failed" ? "read" : m.delivery;
  return (
    <article
      aria-label={t(m.private ? "thread.note_by" : "thread.message_by", { name: by })}
      data-testid="message"
      className={clsx("flex flex-col", theirs ? "items-start" : "items-end", first ? "mt-3" : "mt-0.5")}
    >
      {first && (
        <p className="mb-1 flex items-center gap-1.5 px-1 text-xs text-text-3">
          {m.private ? <Lock size={11} aria-hidden /> : m.author.kind === "bot" ? <Bot size={12} aria-hidden /> : null}
          <span className="font-medium text-text-2">{by}</span>
          {m.private ? <span>{t("thread.note")}</span> : m.channel === "sms" ? <ChannelName channel="sms" /> : mixed ? <ChannelIcon channel={m.channel} /> : null}
          <When at={m.at} long={clock} />
        </p>
      )}
      <Box kind={m.private ? "note" : theirs ? "customer" : m.author.kind === "agent" ? "agent" : "bot"}>
        <Body content={m.content} plain={theirs} lang={undefined} heard={m.heard} spoken={m.channel === "voice"} />
      </Box>
      {m.content.options && m.content.options.length > 0 && <Options content={m.content} />}
      {!theirs && !m.private && m.author.kind === "agent" && (last || m.delivery === "failed") && delivery && <DeliveryLine delivery={delivery} error={m.error} />}
    </article>
  );
});

function Box({ kind, children }: { kind: "customer" | "bot" | "agent" | "note"; children: React.ReactNode }) {
  return (
    <div
      className={clsx(
        "max-w-[min(560px,86%)] rounded-lg px-3 py-2",
        kind === "customer" && "border border-line bg-surface",
        kind === "bot" && "border border-line bg-sunken text-text-2",
        kind === "agent" && "bg-accent-soft",
        kind === "note" && "border border-dashed border-note-line bg-note",
      )}
    >
      {children}
    </div>
  );
}

export function Body({ content: c, plain, heard, spoken }: { content: Content; plain?: boolean; lang?: string; heard?: string; spoken?: boolean }) {
  const { t } = useTranslation();
  const beyond = Boolean(heard && c.text && heardBeyond(c.text, heard));
  const cut = heard && c.text && !beyond ? heardUpTo(c.text, heard) : undefined;
  const keyed = spoken && (c.picked !== undefined || c.command !== undefined || /^[0-9*#]{1,20}$/.test(c.text ?? ""));
  return (
    <div className="space-y-2">
      {c.picked && (
        <span className="flex items-center gap-1.5">
          {keyed ? <Grid3x3 size={13} className="shrink-0 text-text-3" aria-label={t("thread.pressed")} role="img" /> : <MousePointerClick size={13} className="shrink-0 text-text-3" aria-label={t("thread.tapped")} role="img" />}
          <span className="break-words whitespace-pre-wrap">{c.text}</span>
        </span>
      )}
      {c.command && !c.text && <span className="text-text-2">{["human", "back", "start", "cancel"].includes(c.command) ? t(`thread.did.${c.command as "human"}`) : t("thread.command", { command: c.command })}</span>}
      {cut !== undefined && <Interrupted text={c.text ?? ""} at={cut} />}
      {heard && cut === undefined && !beyond && <p className="text-xs text-text-3">{t("thread.heard", { text: heard })}</p>}
      {cut === undefined && !c.picked && c.text && (plain && keyed && !c.masked ? <span className="inline-flex items-center gap-1.5"><Grid3x3 size={13} className="text-text-3" aria-label={t("thread.pressed")} role="img" />{c.text}</span> : c.masked ? <span className="inline-flex items-center gap-1.5"><Lock size={12} aria-hidden />{c.text}<span className="sr-only">{t("thread.masked")}</span></span> : c.markdown && !plain ? <Markdown text={c.text} /> : <p className="break-words whitespace-pre-wrap">{c.text}</p>)}
      {beyond && c.options && c.options.length > 0 && <p className="flex items-center gap-1 text-2xs text-text-3"><Scissors size={11} aria-hidden />{t("thread.cut_choices")}</p>}
      {c.card && (
        <div className="min-w-50 rounded-md border border-line bg-surface p-3 text-text">
          {c.card.image_url && <img src={c.card.image_url} alt="" className="mb-2 max-h-40 rounded-md" />}
          <p className="font-medium">{c.card.title}</p>
          {c.card.subtitle && <p className="text-xs text-text-3">{c.card.subtitle}</p>}
          {c.card.lines && (
            <dl className="mt-2 space-y-1">
              {c.card.lines.map((l) => (
                <div key={l.label} className="flex justify-between gap-6">
                  <dt className="text-text-3">{l.label}</dt>
                  <dd className="text-right">{l.value}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      )}
      {c.attachments?.map((a) => (a.type.startsWith("audio/") ? <Clip key={a.id} url={a.url} name={a.name} /> : <File key={a.id} file={a} />))}
      {c.location && (
        <p className="flex items-center gap-1.5">
          <MapPin size={14} aria-hidden />
          {c.location.label || `${c.location.lat.toFixed(5)}, ${c.location.lon.toFixed(5)}`}
        </p>
      )}
      {c.sources && c.sources.length > 0 && (
        <p className="text-xs text-text-3">{t("thread.source", { title: c.sources.map((s) => s.title).join(t("common.comma")) })}</p>
      )}
    </div>
  );
}

/** A spoken message that was cut short: what was not heard is faded, and said to be so. */
function Interrupted({ text, at }: { text: string; at: number }) {
  const { t } = useTranslation();
  return (
    <p className="break-words">
      <span className="text-text">{plainText(text.slice(0, at))}</span>
      {/^\s/.test(text.slice(at)) ? " " : ""}
      <span className="sr-only">{t("thread.not_heard")}: </span>
      <span className="text-text-3" title={t("thread.not_heard")}>{plainText(text.slice(at))}</span>
      <span className="mt-1 flex items-center gap-1 text-2xs text-text-3" aria-hidden><Scissors size={11} aria-hidden />{t("thread.cut_short")}</span>
    </p>
  );
}

/** The choices as the customer saw them; here they only show. */
function Options({ content }: { content: Content }) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t("thread.options")} className="mt-1 flex max-w-[min(560px,86%)] flex-wrap justify-end gap-1">
      {content.options?.map((o) => (
        <li key={o.id} className={clsx("rounded-full border px-2.5 py-px text-xs", o.nav ? "border-dashed border-line-strong text-text-3" : "border-line-strong text-text-2")}>
          {o.key && <span className="mr-1 text-text-3">{o.key}</span>}
          {o.label}
        </li>
      ))}
    </ul>
  );
}

export function File({ file }: { file: Attachment }) {
  if (file.type.startsWith("image/"))
    return (
      <a href={file.url} target="_blank" rel="noreferrer" className="block">
        <img src={file.url} alt={file.name} loading="lazy" className="max-h-60 max-w-full rounded-md border border-line" />
      </a>
    );
  return (
    <a href={file.url} target="_blank" rel="noreferrer" className="flex items-center gap-2 rounded-md border border-line bg-surface px-2.5 py-1.5 text-text hover:bg-hover">
      <FileText size={16} className="shrink-0 text-text-3" aria-hidden />
      <span className="min-w-0 truncate">{file.name}</span>
      <span className="shrink-0 text-xs text-text-3">{bytes(file.size)}</span>
    </a>
  );
}

function DeliveryLine({ delivery, error }: { delivery: Delivery; error?: string }) {
  const { t } = useTranslation();
  if (delivery === "failed")
    return (
      <p className="mt-1 flex items-center gap-1 px-1 text-xs text-breach">
        <CircleAlert size={12} aria-hidden />
        {t("delivery.failed")}
        {error && <span>· {error}</span>}
      </p>
    );
  const Icon = delivery === "read" || delivery === "delivered" ? CheckCheck : delivery === "sent" ? Check : Clock;
  return (
    <p className={clsx("mt-0.5 flex items-center gap-1 px-1 text-2xs", delivery === "read" ? "text-accent-text" : "text-text-3")}>
      <Icon size={12} aria-hidden />
      {t(`delivery.${delivery}`)}
    </p>
  );
}

/** A reply the server does not have yet: it can be taken back, or tried again. */
export function Held({ o }: { o: Outgoing }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const now = useNow();
  const left = Math.max(1, Math.ceil((o.until - now) / 1000));
  const undo = () => {
    const d = outbox.undo(o.client_id);
    if (d) restore(d);
  };
  return (
    <article data-testid="outgoing" aria-label={t("thread.message_by", { name: t("conversation.you") })} className="mt-3 flex flex-col items-end">
      <div className={o.state === "held" || o.state === "failed" ? "contents" : "contents opacity-70"}>
        <Box kind={o.private ? "note" : "agent"}>
          <Body content={{ text: o.text, markdown: true, attachments: o.attachments }} />
        </Box>
      </div>
      {o.state === "held" && (
        <p role="status" className="mt-1 flex items-center gap-2 px-1 text-xs text-text-2">
          <span className="relative h-1 w-16 overflow-hidden rounded-full bg-sunken" aria-hidden>
            <span className="absolute inset-y-0 left-0 bg-accent" style={{ width: `${(left / 5) * 100}%`, transition: "width 1s linear" }} />
          </span>
          {t("thread.sending_in", { n: left })}
          <button type="button" onClick={undo} className="rounded-md px-1.5 py-0.5 font-semibold text-accent-text underline underline-offset-2">{t("common.undo")}</button>
        </p>
      )}
      {(o.state === "sending" || o.state === "queued") && <p className="mt-0.5 flex items-center gap-1 px-1 text-2xs text-text-3"><Clock size={12} aria-hidden />{t("delivery.queued")}</p>}
      {o.state === "failed" && (
        <p role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-2 px-1 text-xs text-breach">
          <CircleAlert size={12} aria-hidden />
          {t("thread.not_sent")} {text(o.error)}
          <button type="button" className="font-semibold underline underline-offset-2" onClick={() => outbox.retry(o.client_id)}>{t("common.retry")}</button>
          <button type="button" className="underline underline-offset-2" onClick={() => { outbox.discard(o.client_id); restore(o); }}>{t("thread.edit")}</button>
        </p>
      )}
    </article>
  );
}

export type { Message };
