import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { ArrowRightLeft, Check, ClipboardCheck, Ellipsis, Hand, Pause, Play } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { agentsQuery, client, conversationQuery, queuesQuery } from "../api/queries";
import type { Opened } from "../api/types";
import { scenarioQuery } from "../evals/api";
import type { ScenarioPage } from "../evals/types";
import { textIn } from "../i18n";
import { useKeys } from "../lib/keys";
import { may, useMe } from "../lib/session";
import { dayAndTime } from "../lib/time";
import { goTo } from "../router";
import { refreshInbox } from "../rt/sync";
import { Button, IconButton } from "../ui/button";
import { Field, Select, TextArea, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot, Menu, MenuItem } from "../ui/overlay";
import { useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { barKeys } from "../voice/call-bar";
import type { Disposition } from "../voice/types";
import { ClosingNote, Proposed, useDispositions, useWrapUpOffer } from "../voice/wrap-up";
import { laterClose } from "./close-later";
import { outbox } from "./sending";

type Open = "transfer" | "park" | "close" | undefined;

/** What can be done with a conversation, by button and by key. */
export function Actions({ opened, mine, after }: { opened: Opened; mine: boolean; after: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const [open, setOpen] = useState<Open>();
  const c = opened.conversation;
  const canTake = c.status === "waiting" || c.status === "automated";
  // While a call is up, what moves it is in its own bar.
  const calling = Boolean(c.on_call);
  const held = mine && c.status === "assigned" && !calling;
  const parked = mine && c.status === "parked";
  const codes = useDispositions(c.queue);
  const canClose = !calling && c.status !== "closed" && c.status !== "offered" && (mine || canTake);

  const post = async (path: string, body: object = {}) => {
    outbox.release(c.id);
    await api.post(`/api/conversations/${c.id}/${path}`, body);
    void client.invalidateQueries({ queryKey: conversationQuery(c.id).queryKey });
    refreshInbox();
  };
  const attempt = async (f: () => Promise<void>) => {
    try {
      await f();
      setOpen(undefined);
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const take = () => attempt(async () => {
    await post("take");
    toast(t("done.taken"));
  });
  const makeTest = () => attempt(async () => {
    const s = await api.post<ScenarioPage>(`/api/conversations/${c.id}/scenario`);
    client.setQueryData(scenarioQuery(s.id).queryKey, s);
    void client.invalidateQueries({ queryKey: ["scenarios"] });
    goTo(`/evals/cases/${s.id}`);
  });
  const testable = may(me, "evals.read") && Boolean(c.playbook);
  const unpark = () => attempt(() => post("unpark"));
  const park = (until?: Date) => attempt(async () => {
    await post("park", { until: until?.toISOString() });
    toast(until ? t("done.parked_until", { time: dayAndTime(until.toISOString()) }) : t("done.parked"), { undo: unpark });
  });
  const close = (disposition: string, note: string) => attempt(async () => {
    if (note) await api.post(`/api/conversations/${c.id}/reply`, { client_id: `close-${c.id}-${c.seq}`, text: note, private: true });
    setOpen(undefined);
    laterClose(c.id, disposition, text, t("done.closed"));
    after();
  });
  const transfer = (to: { queue?: string; agent?: string; note?: string }, name: string) => attempt(async () => {
    await post("transfer", to);
    // While nobody has taken it over, the way back is to take it again.
    toast(t("done.transferred", { to: name }), { undo: to.queue ? () => void attempt(() => post("take")) : undefined });
    after();
  });

  useKeys({
    a: () => (canTake ? void take() : false),
    t: () => (calling && barKeys.reach ? barKeys.reach() : held || parked ? setOpen("transfer") : false),
    p: () => (held ? setOpen("park") : parked ? void unpark() : false),
    e: () => (canClose ? setOpen("close") : false),
  });
  return (
    <>
      <div className="flex items-center gap-1.5">
        {canTake && <Button tone={c.status === "waiting" ? "primary" : "plain"} icon={<Hand size={14} aria-hidden />} onClick={() => void take()} title={t("action.take_key")}>{t("action.take")}</Button>}
        {parked && <Button tone="primary" icon={<Play size={14} aria-hidden />} onClick={() => void unpark()}>{t("action.unpark")}</Button>}
        {held && (
          <span className="flex items-center gap-0.5 max-md:hidden">
            <IconButton label={`${t("action.transfer")} (T)`} onClick={() => setOpen("transfer")}><ArrowRightLeft size={16} aria-hidden /></IconButton>
            <IconButton label={`${t("action.park")} (P)`} onClick={() => setOpen("park")}><Pause size={16} aria-hidden /></IconButton>
          </span>
        )}
        {mine && !calling && <Button icon={<Check size={14} aria-hidden />} onClick={() => setOpen("close")} title={`${t("action.close")} (E)`} className="max-md:px-2"><span className="max-md:sr-only">{t("action.close")}</span></Button>}
        {(held || testable || (canTake && canClose)) && (
          <span className={held && !testable ? "md:hidden" : undefined}>
            <Menu trigger={<IconButton label={t("action.more")}><Ellipsis size={16} aria-hidden /></IconButton>}>
              {held && <MenuItem icon={<ArrowRightLeft size={14} aria-hidden />} keys="T" onSelect={() => setOpen("transfer")}>{t("action.transfer")}</MenuItem>}
              {held && <MenuItem icon={<Pause size={14} aria-hidden />} keys="P" onSelect={() => setOpen("park")}>{t("action.park")}</MenuItem>}
              {canTake && <MenuItem icon={<Check size={14} aria-hidden />} keys="E" onSelect={() => setOpen("close")}>{t("action.close")}</MenuItem>}
              {testable && <MenuItem icon={<ClipboardCheck size={14} aria-hidden />} onSelect={() => void makeTest()}>{t("evals.make_test")}</MenuItem>}
            </Menu>
          </span>
        )}
      </div>
      {open === "transfer" && <Transfer current={c.queue} me={c.agent_id} onClose={() => setOpen(undefined)} onGo={transfer} />}
      {open === "park" && <Park onClose={() => setOpen(undefined)} onGo={park} />}
      {open === "close" && <Close opened={opened} codes={codes} onClose={() => setOpen(undefined)} onGo={close} />}
    </>
  );
}

function Transfer({ current, me, onClose, onGo }: { current?: string; me?: string; onClose: () => void; onGo: (to: { queue?: string; agent?: string; note?: string }, name: string) => void }) {
  const { t } = useTranslation();
  const queues = useQuery(queuesQuery).data ?? [];
  const agents = (useQuery(agentsQuery).data ?? []).filter((a) => a.id !== me && a.connected && a.presence !== "offline");
  const [to, setTo] = useState("");
  const [note, setNote] = useState("");
  const [kind, name] = [to.slice(0, 2), to.slice(2)];
  return (
    <Dialog open onClose={onClose} title={t("transfer.title")}>
      <form
        className="contents"
        onSubmit={(e) => {
          e.preventDefault();
          const title = kind === "q:" ? textIn(queues.find((q) => q.name === name)?.title) || name : (agents.find((a) => a.id === name)?.name ?? "");
          onGo(kind === "q:" ? { queue: name, note: note || undefined } : { agent: name, note: note || undefined }, title);
        }}
      >
        <DialogBody>
          <Field label={t("transfer.to")}>
            {(p) => (
              <Select {...p} required value={to} onChange={(e) => setTo(e.target.value)} autoFocus>
                <option value="">{t("transfer.choose")}</option>
                <optgroup label={t("transfer.queues")}>
                  {queues.filter((q) => q.name !== current).map((q) => (
                    <option key={q.name} value={`q:${q.name}`}>{t("transfer.queue_line", { name: textIn(q.title) || q.name, waiting: q.waiting, on: q.agents_on })}</option>
                  ))}
                </optgroup>
                <optgroup label={t("transfer.agents")}>
                  {agents.map((a) => (
                    <option key={a.id} value={`a:${a.id}`}>{t("transfer.agent_line", { name: a.name, presence: t(`presence.${a.presence}`), load: a.load })}</option>
                  ))}
                </optgroup>
              </Select>
            )}
          </Field>
          <Field label={t("transfer.note")} hint={t("transfer.note_hint")}>{(p) => <TextArea {...p} rows={3} value={note} onChange={(e) => setNote(e.target.value)} />}</Field>
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={!to}>{t("action.transfer")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

function Park({ onClose, onGo }: { onClose: () => void; onGo: (until?: Date) => void }) {
  const { t } = useTranslation();
  const [own, setOwn] = useState("");
  const at = (h: number, days = 0) => {
    const d = new Date();
    d.setDate(d.getDate() + days);
    d.setHours(h, 0, 0, 0);
    return d;
  };
  const choices: [string, Date | undefined][] = [
    [t("park.hour"), new Date(Date.now() + 3_600_000)],
    ...(new Date().getHours() < 13 ? [[t("park.afternoon"), at(14)] as [string, Date]] : []),
    [t("park.tomorrow"), at(9, 1)],
    [t("park.reply"), undefined],
  ];
  return (
    <Dialog open onClose={onClose} title={t("park.title")} description={t("park.text")}>
      <DialogBody>
        <div className="space-y-1.5">
          {choices.map(([label, until], i) => (
            <Button key={label} autoFocus={i === 0} className="h-9 w-full !justify-between" onClick={() => onGo(until)}>
              {label}
              {until && <span className="text-xs font-normal text-text-3">{dayAndTime(until.toISOString())}</span>}
            </Button>
          ))}
        </div>
        <form
          className="flex items-end gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            onGo(new Date(own));
          }}
        >
          <Field label={t("park.own")} className="flex-1">{(p) => <TextInput {...p} type="datetime-local" required value={own} onChange={(e) => setOwn(e.target.value)} />}</Field>
          <Button type="submit" disabled={!own || new Date(own).getTime() < Date.now()}>{t("action.park")}</Button>
        </form>
      </DialogBody>
    </Dialog>
  );
}

export const usual = ["solved", "no_answer", "duplicate", "spam"] as const;

function Close({ opened, codes, onClose, onGo }: { opened: Opened; codes: Disposition[]; onClose: () => void; onGo: (disposition: string, note: string) => void }) {
  const { t } = useTranslation();
  const [own, setOwn] = useState("");
  const [note, setNote] = useState("");
  const offer = useWrapUpOffer(opened);
  const proposed = offer?.disposition;
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // One key takes it, unless somebody has begun to write or to choose.
    if (proposed && !(document.activeElement instanceof HTMLTextAreaElement || document.activeElement instanceof HTMLInputElement)) first.current?.focus();
  }, [proposed]);
  const choices = codes.length ? codes.map((d) => ({ key: d.key, label: textIn(d.title) || d.key })) : usual.map((d) => ({ key: d as string, label: t(`close.${d}`) }));
  // Plain digits choose while nothing is typed.
  useEffect(() => {
    const hear = (e: KeyboardEvent) => {
      if (e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement || e.metaKey || e.ctrlKey || e.altKey) return;
      const d = choices[Number(e.key) - 1];
      if (d) onGo(d.key, note.trim());
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  });
  return (
    <Dialog open onClose={onClose} title={t("close.title")} description={t("close.text")}>
      <DialogBody>
        <ClosingNote value={note} onChange={setNote} offer={offer} />
        <div className="space-y-1.5">
          {choices.map((d, i) => {
            const is = d.key === proposed?.key;
            return (
              <Button key={d.key} ref={is ? first : undefined} autoFocus={i === 0} data-proposed={is || undefined} keys={is ? "⏎" : i < 9 ? String(i + 1) : undefined} className={clsx("h-9 w-full !justify-between", is && "!border-accent !bg-accent-soft")} onClick={() => onGo(d.key, note.trim())}>
                <span className="flex items-center gap-2">{d.label}{is && <Proposed of={proposed} />}</span>
              </Button>
            );
          })}
        </div>
        {codes.length === 0 && <form
          className="flex items-end gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            onGo(own.trim(), note.trim());
          }}
        >
          <Field label={t("close.own")} className="flex-1">{(p) => <TextInput {...p} value={own} maxLength={100} onChange={(e) => setOwn(e.target.value)} />}</Field>
          <Button type="submit">{t("action.close")}</Button>
        </form>}
      </DialogBody>
    </Dialog>
  );
}
