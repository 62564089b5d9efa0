import { useQuery } from "@tanstack/react-query";
import { CircleMinus, Pencil, Plus, Rows3 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { agentsQuery, client, queuesQuery } from "../api/queries";
import type { Agent, Presence, Queue, QueueRow } from "../api/types";
import { textIn } from "../i18n";
import { urgency } from "../inbox/move";
import { may, mayAny, useMe } from "../lib/session";
import { instant, span, useNow } from "../lib/time";
import { goTo } from "../router";
import { Avatar, Screen, Tabs, td, th } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Chips, Field, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Empty, Failed, type Meaning, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { OnHoldFields, toSave, waitingOf } from "../voice/on-hold";

const blank: Queue = { name: "", title: { en: "", zh: "" }, skills: [], priority: 0 };

export function Queues() {
  const { t } = useTranslation();
  const me = useMe();
  const queues = useQuery({ ...queuesQuery, refetchInterval: 10_000 });
  const [edit, setEdit] = useState<Queue>();
  const write = may(me, "queues.write");
  return (
    <Screen title={t("nav.queues")} sub={t("queues.sub")} actions={write && <Button icon={<Plus size={14} aria-hidden />} onClick={() => setEdit(blank)}>{t("queues.new")}</Button>}>
      {queues.isPending ? (
        <SkeletonRows rows={4} />
      ) : queues.isError ? (
        <Failed error={queues.error} retry={() => void queues.refetch()} />
      ) : queues.data.length === 0 ? (
        <Empty icon={<Rows3 size={18} aria-hidden />} title={t("queues.empty")}>{t("queues.empty_text")}</Empty>
      ) : (
        <ul className="grid gap-3 p-4 md:grid-cols-2 md:p-6 xl:grid-cols-3">
          {queues.data.map((q) => <Card key={q.name} q={q} onEdit={write ? () => setEdit(q) : undefined} />)}
        </ul>
      )}
      {mayAny(me, "queues.read") && <Agents />}
      {edit && <Edit q={edit} onClose={() => setEdit(undefined)} />}
    </Screen>
  );
}

function Card({ q, onEdit }: { q: QueueRow; onEdit?: () => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const oldest = instant(q.oldest_since);
  const waited = oldest ? Math.max(0, now - oldest) : 0;
  const how: Meaning = q.waiting === 0 ? "done" : urgency("webchat", waited / 1000);
  return (
    <li className="rounded-lg border border-line p-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold">{textIn(q.title) || q.name}</h2>
          <p className="text-xs text-text-3">{q.name}{q.playbook ? ` · ${q.playbook}` : ""}</p>
        </div>
        {onEdit && <IconButton small label={t("queues.edit", { name: textIn(q.title) || q.name })} onClick={onEdit}><Pencil size={13} aria-hidden /></IconButton>}
      </div>
      <dl className="mt-3 grid grid-cols-3 gap-3">
        <div>
          <dt className="text-xs text-text-3">{t("queues.waiting")}</dt>
          <dd className="text-xl font-semibold tabular-nums">{q.waiting}</dd>
        </div>
        <div>
          <dt className="text-xs text-text-3">{t("queues.oldest")}</dt>
          <dd className="pt-1">{q.waiting > 0 && oldest ? <Badge meaning={how}>{span(waited)}</Badge> : <span className="text-text-3">–</span>}</dd>
        </div>
        <div>
          <dt className="text-xs text-text-3">{t("queues.on")}</dt>
          <dd className="text-xl font-semibold tabular-nums">{q.agents_on}</dd>
        </div>
      </dl>
      <div className="mt-3 flex min-h-6 flex-wrap items-center gap-1.5">
        {q.agents_on === 0 && q.waiting > 0 && <Badge meaning="breach">{t("queues.nobody")}</Badge>}
        {q.priority !== 0 && <span className="rounded-sm bg-sunken px-1.5 text-xs text-text-2">{t("inbox.priority", { n: q.priority })}</span>}
        {q.skills?.map((s) => <span key={s} className="rounded-sm bg-sunken px-1.5 text-xs text-text-2">{s}</span>)}
        <span className="flex-1" />
        {q.waiting > 0 && <Button small tone="quiet" onClick={() => goTo(`/inbox?tab=queues&queue=${encodeURIComponent(q.name)}`)}>{t("queues.open")}</Button>}
      </div>
    </li>
  );
}

const presences: Record<Presence, Meaning> = { available: "live", busy: "warning", away: "waiting", offline: "done" };

function Agents() {
  const { t } = useTranslation();
  const agents = useQuery({ ...agentsQuery, refetchInterval: 15_000 });
  const list = [...(agents.data ?? [])].sort((a, b) => Number(b.connected) - Number(a.connected) || a.name.localeCompare(b.name));
  return (
    <section aria-label={t("queues.agents")} className="border-t border-line">
      <h2 className="px-4 pt-5 pb-1 text-base font-semibold md:px-6">{t("queues.agents")}</h2>
      {agents.isPending ? <SkeletonRows rows={3} /> : agents.isError ? <Failed error={agents.error} retry={() => void agents.refetch()} /> : list.length === 0 ? <p className="px-6 py-4 text-text-3">{t("queues.no_agents")}</p> : (
        <table className="w-full">
          <thead className="border-b border-line">
            <tr>
              <th scope="col" className={`${th} md:pl-6`}>{t("people.name")}</th>
              <th scope="col" className={th}>{t("queues.presence")}</th>
              <th scope="col" className={th}>{t("queues.load")}</th>
              <th scope="col" className={`${th} max-md:hidden`}>{t("people.skills")}</th>
            </tr>
          </thead>
          <tbody>{list.map((a) => <AgentRow key={a.id} a={a} />)}</tbody>
        </table>
      )}
    </section>
  );
}

function AgentRow({ a }: { a: Agent }) {
  const { t } = useTranslation();
  const shown: Presence = a.connected ? a.presence : "offline";
  return (
    <tr className="border-b border-line">
      <td className={`${td} md:pl-6`}><span className="flex items-center gap-2"><Avatar name={a.name} size={24} />{a.name}</span></td>
      <td className={td}><Badge meaning={presences[shown]} icon={shown === "busy" ? CircleMinus : undefined}>{t(`presence.${shown}`)}</Badge></td>
      <td className={td}>
        <span className="flex items-center gap-2">
          <span className="h-1.5 w-20 overflow-hidden rounded-full bg-sunken max-md:hidden" aria-hidden><span className="block h-full bg-accent" style={{ width: `${Math.min(100, a.load)}%` }} /></span>
          <span className="tabular-nums">{a.load} %</span>
        </span>
      </td>
      <td className={`${td} text-text-2 max-md:hidden`}>{a.skills?.join(t("common.comma"))}</td>
    </tr>
  );
}

function Edit({ q, onClose }: { q: Queue; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const fresh = q.name === "";
  const title = typeof q.title === "string" ? { en: q.title, zh: q.title } : { en: q.title.en ?? q.title[""] ?? "", zh: q.title.zh ?? q.title[""] ?? "" };
  const [skills, setSkills] = useState(q.skills ?? []);
  const [part, setPart] = useState<"queue" | "waiting">("queue");
  const [waiting, setWaiting] = useState(() => waitingOf(q));
  const put = async (name: string, body: Omit<Queue, "name">) => {
    await api.put(`/api/queues/${name}`, body);
    void client.invalidateQueries({ queryKey: queuesQuery.queryKey });
  };
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    const name = fresh ? String(f.get("name")) : q.name;
    try {
      await put(name, { title: { en: String(f.get("en")), zh: String(f.get("zh")) }, skills, priority: Number(f.get("priority")) || 0, playbook: q.playbook || undefined, ...toSave(waiting) });
      toast(t("done.saved"), { undo: fresh ? undefined : () => void put(name, { title: q.title, skills: q.skills ?? [], priority: q.priority, playbook: q.playbook || undefined, ...toSave(waitingOf(q)) }).catch((err: unknown) => toast(text(err), { bad: true })) });
      onClose();
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  return (
    <Dialog open onClose={onClose} title={fresh ? t("queues.new") : t("queues.edit", { name: textIn(q.title) || q.name })}>
      <form className="contents" onSubmit={submit}>
        <div className="border-b border-line px-4 py-2"><Tabs label={t("queues.parts")} value={part} onChange={setPart} tabs={[{ value: "queue", label: t("queues.part.queue") }, { value: "waiting", label: t("queues.part.waiting") }]} /></div>
        <DialogBody className={part === "queue" ? undefined : "hidden"}>
          {fresh && <Field label={t("queues.name")} hint={t("queues.name_hint")}>{(p) => <TextInput {...p} name="name" required pattern="[a-z0-9][a-z0-9_\-]*" maxLength={64} autoFocus />}</Field>}
          <div className="grid grid-cols-2 gap-3">
            <Field label="English">{(p) => <TextInput {...p} name="en" required defaultValue={title.en} lang="en" />}</Field>
            <Field label="中文">{(p) => <TextInput {...p} name="zh" required defaultValue={title.zh} lang="zh-CN" />}</Field>
          </div>
          <Field label={t("people.skills")} hint={t("queues.skills_hint")}>{(p) => <Chips id={p.id} values={skills} onChange={setSkills} removeLabel={(what) => t("common.remove", { what })} />}</Field>
          <Field label={t("queues.priority")} hint={t("queues.priority_hint")}>{(p) => <TextInput {...p} name="priority" type="number" min={-100} max={100} defaultValue={q.priority} />}</Field>
        </DialogBody>
        {part === "waiting" && <DialogBody><OnHoldFields value={waiting} onChange={setWaiting} /></DialogBody>}
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit">{t("common.save")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
