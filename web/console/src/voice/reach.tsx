import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { Circle, CircleMinus, Clock, Headphones, Phone, Rows3 } from "lucide-react";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { agentsQuery, queuesQuery } from "../api/queries";
import type { Opened, Presence } from "../api/types";
import { textIn } from "../i18n";
import { useMe } from "../lib/session";
import { Avatar } from "../ui/bits";
import { Button } from "../ui/button";
import { Field, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { toast } from "../ui/toast";
import { useCommand } from "./desk";
import { numberOf, readable } from "./number";
import type { CallNews } from "./types";

interface Target {
  key: string;
  name: string;
  note: ReactNode;
  icon: ReactNode;
  to: { agent?: string; queue?: string; to?: string };
}

/** Who is at work changes while one chooses. */
const fresh = { staleTime: 0, refetchInterval: 5000 };

const order: Record<Presence, number> = { available: 0, busy: 1, away: 2, offline: 3 };

/** To whom the call goes, or who joins it: a colleague, a queue, a number. */
export function Reach({ opened, call, onClose }: { opened: Opened; call: CallNews; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const run = useCommand();
  const [text, setText] = useState("");
  const [picked, setPicked] = useState("");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const targets = useTargets(me.id, opened.conversation.queue, text);
  const target = targets.find((x) => x.key === picked) ?? targets[0];
  const queue = target?.to.queue !== undefined;
  const go = async (verb: "consult" | "transfer") => {
    if (!target || busy) return;
    setBusy(true);
    const ok = await run(opened.conversation.id, call.call_id, { verb, ...target.to, note: note.trim() || undefined });
    setBusy(false);
    if (!ok) return;
    if (verb === "transfer") toast(t("done.transferred", { to: target.name }));
    onClose();
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    void go(queue ? "transfer" : "consult");
  };
  return (
    <Dialog open onClose={onClose} title={t("reach.title")} description={t("reach.text")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <TextInput autoFocus value={text} aria-label={t("reach.search")} placeholder={t("reach.search")} onChange={(e) => { setText(e.target.value); setPicked(""); }} onKeyDown={(e) => {
            const d = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
            if (!d || !target) return;
            e.preventDefault();
            setPicked(targets[(targets.indexOf(target) + d + targets.length) % targets.length].key);
          }} />
          <div role="radiogroup" aria-label={t("transfer.to")} className="h-56 overflow-y-auto rounded-lg border border-line">
            {targets.length === 0 && <p className="px-3 py-6 text-center text-text-3">{t("reach.nobody", { q: text })}</p>}
            {targets.map((x) => (
              <label key={x.key} className={clsx("flex cursor-pointer items-center gap-3 border-b border-line px-3 py-2 last:border-0 has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent-text", x === target ? "bg-accent-soft" : "hover:bg-hover")}>
                <input type="radio" name="reach" className="sr-only" checked={x === target} onChange={() => setPicked(x.key)} />
                {x.icon}
                <span className="min-w-0 flex-1 truncate font-medium">{x.name}</span>
                <span className="flex shrink-0 items-center gap-1.5 text-xs text-text-3">{x.note}</span>
              </label>
            ))}
          </div>
          <Field label={t("transfer.note")} hint={t("transfer.note_hint")}>{(p) => <TextInput {...p} value={note} maxLength={500} onChange={(e) => setNote(e.target.value)} />}</Field>
        </DialogBody>
        <DialogFoot>
          <span className="mr-auto"><Button onClick={onClose}>{t("common.cancel")}</Button></span>
          <Button tone={queue ? "primary" : "plain"} disabled={!target || busy} onClick={() => void go("transfer")}>{t("reach.now")}</Button>
          {!queue && <Button tone="primary" type="submit" icon={<Headphones size={14} aria-hidden />} disabled={!target || busy}>{t("reach.ask")}</Button>}
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function useTargets(me: string, current: string | undefined, text: string): Target[] {
  const { t } = useTranslation();
  const queues = useQuery({ ...queuesQuery, ...fresh }).data;
  const agents = useQuery({ ...agentsQuery, ...fresh }).data;
  return useMemo(() => {
    const low = text.trim().toLowerCase();
    const has = (s: string) => !low || s.toLowerCase().includes(low);
    const number = numberOf(text);
    const people = (agents ?? []).filter((a) => a.id !== me && a.connected && a.presence !== "offline" && has(a.name)).sort((a, b) => order[a.presence] - order[b.presence] || a.load - b.load || a.name.localeCompare(b.name));
    const lines = (queues ?? []).filter((q) => q.name !== current && has(`${textIn(q.title)} ${q.name}`));
    return [
      ...(number ? [{ key: `n:${number}`, name: readable(number), note: t("reach.number"), icon: <span className="flex size-6 items-center justify-center text-text-3"><Phone size={16} aria-hidden /></span>, to: { to: number } }] : []),
      ...people.map((a): Target => ({ key: `a:${a.id}`, name: a.name, note: <><PresenceIcon presence={a.presence} />{t(`presence.${a.presence}`)}</>, icon: <Avatar name={a.name} size={24} />, to: { agent: a.id } })),
      ...lines.map((q): Target => ({ key: `q:${q.name}`, name: textIn(q.title) || q.name, note: t("reach.queue_note", { waiting: q.waiting, on: q.agents_on }), icon: <span className="flex size-6 items-center justify-center text-text-3"><Rows3 size={16} aria-hidden /></span>, to: { queue: q.name } })),
    ];
  }, [queues, agents, text, me, current, t]);
}

function PresenceIcon({ presence }: { presence: Presence }) {
  if (presence === "available") return <Circle size={8} className="fill-current text-live" aria-hidden />;
  return presence === "busy" ? <CircleMinus size={10} className="text-warning" aria-hidden /> : <Clock size={10} className="text-waiting" aria-hidden />;
}
