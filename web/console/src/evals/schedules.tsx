import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client } from "../api/queries";
import { currentLang } from "../i18n";
import { may, useMe } from "../lib/session";
import { dayAndTime } from "../lib/time";
import { Button, IconButton } from "../ui/button";
import { Check, Field, Select, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Empty, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { schedulesQuery } from "./api";
import { useBook, useBooks } from "./book";
import { Workspace } from "./frame";
import type { Schedule } from "./types";

// 2023-01-01 was a Sunday.
const dayName = (n: number) => new Intl.DateTimeFormat(currentLang() === "zh" ? "zh-CN" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2023, 0, 1 + n));

const refresh = () => client.invalidateQueries({ queryKey: schedulesQuery.queryKey });
const body = (s: Schedule) => ({ playbook: s.playbook, every: s.every, weekday: s.weekday, at: s.at, zone: s.zone, repeat: s.repeat, active: s.active });

/** When the suites run by themselves. */
export function Schedules() {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const books = useBooks();
  const list = useQuery(schedulesQuery);
  const [edit, setEdit] = useState<Schedule | "new">();
  const can = may(me, "evals.run");
  const add = can && books.length > 0 && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setEdit("new")}>{t("evals.new_schedule")}</Button>;
  const attempt = async (f: () => Promise<unknown>) => {
    try {
      await f();
      await refresh();
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const remove = (s: Schedule) =>
    attempt(async () => {
      await api.del(`/api/evals/schedules/${s.id}`);
      toast(t("evals.schedule_deleted"), { undo: () => void attempt(() => api.post("/api/evals/schedules", body(s))) });
    });
  const words = (s: Schedule) => (s.every === "weekly" ? t("evals.weekly_at", { day: dayName(s.weekday), at: s.at }) : t("evals.daily_at", { at: s.at }));
  return (
    <Workspace sub={t("evals.schedules_sub")} actions={add}>
      {list.isPending ? (
        <SkeletonRows rows={3} />
      ) : list.isError ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : list.data.length === 0 ? (
        <Empty icon={<CalendarClock size={18} aria-hidden />} title={t("evals.no_schedules")} action={add}>{t("evals.no_schedules_text")}</Empty>
      ) : (
        <>
          <ul className="divide-y divide-line border-b border-line">
            {list.data.map((s) => (
              <li key={s.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 md:px-6">
                <span className="min-w-0 flex-1">
                  <span className="block font-medium">{books.find((b) => b.name === s.playbook)?.title ?? s.playbook} · {words(s)}</span>
                  <span className="block text-xs text-text-3">{s.zone}{s.repeat > 1 && ` · ${t("evals.times", { count: s.repeat })}`} · {s.active && s.next ? t("evals.next_at", { time: dayAndTime(s.next) }) : t("evals.paused_text")}</span>
                </span>
                {s.last_run && <Link to="/evals/$id" params={{ id: s.last_run }} className="text-xs font-medium text-accent-text hover:underline">{t("evals.last_run")}</Link>}
                {s.active ? <Badge meaning="live">{t("evals.on")}</Badge> : <Badge meaning="done">{t("evals.off")}</Badge>}
                {can && (
                  <span className="flex">
                    <IconButton small label={t("evals.change_schedule", { what: words(s) })} onClick={() => setEdit(s)}><Pencil size={14} aria-hidden /></IconButton>
                    <IconButton small label={t("common.remove", { what: words(s) })} onClick={() => void remove(s)}><Trash2 size={14} aria-hidden /></IconButton>
                  </span>
                )}
              </li>
            ))}
          </ul>
          <p className="px-4 py-3 text-xs text-text-3 md:px-6">{t("evals.told_text")}</p>
        </>
      )}
      {edit && <Edit schedule={edit === "new" ? undefined : edit} onClose={() => setEdit(undefined)} />}
    </Workspace>
  );
}

function Edit({ schedule: s, onClose }: { schedule?: Schedule; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const books = useBooks();
  const [playbook, setPlaybook] = useState(s?.playbook ?? books[0]?.name ?? "");
  const { book } = useBook(playbook);
  const [every, setEvery] = useState(s?.every ?? "daily");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const zones = Intl.supportedValuesOf("timeZone");
  const own = (field: string) => (error instanceof ApiError && error.field === field ? text(error) : undefined);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    const fields = { playbook, every, weekday: Number(f.get("weekday") ?? 0), at: String(f.get("at")), zone: String(f.get("zone")).trim(), repeat: Number(f.get("repeat")) || 1, active: f.get("active") === "on" };
    setBusy(true);
    try {
      if (s) await api.put(`/api/evals/schedules/${s.id}`, fields);
      else await api.post("/api/evals/schedules", fields);
      await refresh();
      onClose();
    } catch (err) {
      setError(err);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t(s ? "evals.edit_schedule" : "evals.new_schedule")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <Field label={t("evals.playbook")}>
            {(p) => <Select {...p} value={playbook} onChange={(e) => setPlaybook(e.target.value)}>{books.map((b) => <option key={b.name} value={b.name}>{b.title}</option>)}</Select>}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label={t("evals.every")}>
              {(p) => (
                <Select {...p} value={every} onChange={(e) => setEvery(e.target.value as "daily")}>
                  <option value="daily">{t("evals.daily")}</option>
                  <option value="weekly">{t("evals.weekly")}</option>
                </Select>
              )}
            </Field>
            {every === "weekly" && <Field label={t("evals.weekday")}>{(p) => <Select {...p} name="weekday" defaultValue={s?.weekday ?? 1}>{[1, 2, 3, 4, 5, 6, 0].map((d) => <option key={d} value={d}>{dayName(d)}</option>)}</Select>}</Field>}
            <Field label={t("evals.at")} error={own("at")}>{(p) => <TextInput {...p} name="at" type="time" required defaultValue={s?.at ?? "06:00"} />}</Field>
            <Field label={t("evals.zone")} error={own("zone")}>
              {(p) => (
                <>
                  <TextInput {...p} key={book?.zone} name="zone" required list="zones" defaultValue={s?.zone ?? book?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone} />
                  <datalist id="zones">{zones.map((z) => <option key={z} value={z} />)}</datalist>
                </>
              )}
            </Field>
            <Field label={t("evals.repeat")} hint={t("evals.repeat_hint")} error={own("repeat")}>{(p) => <TextInput {...p} name="repeat" type="number" min={1} max={100} defaultValue={s?.repeat ?? 1} />}</Field>
          </div>
          <Check name="active" defaultChecked={s?.active ?? true} label={t("evals.on_text")} />
          <div className="rounded-md bg-sunken px-3 py-2">
            <p className="text-xs font-medium text-text-2">{t("evals.told")}</p>
            <p className="text-xs text-text-3">{t("evals.told_text")}</p>
          </div>
          {error !== undefined && !(error instanceof ApiError && ["at", "zone", "repeat"].includes(error.field ?? "")) && <Note meaning="breach">{text(error)}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={busy}>{t("common.save")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
