import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus, Users } from "lucide-react";
import { type FormEvent, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { client, queuesQuery } from "../api/queries";
import type { Page, Role, User } from "../api/types";
import { textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { Avatar, Screen, td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Check, Chips, Field, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Empty, Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";

const roles: Role[] = ["owner", "supervisor", "agent", "editor", "evaluator"];
const again = () => client.invalidateQueries({ queryKey: ["users"] });

export function People() {
  const { t } = useTranslation();
  const me = useMe();
  const [q, setQ] = useState("");
  const term = useDeferredValue(q.trim());
  const [edit, setEdit] = useState<User | "new">();
  const write = may(me, "people.write");
  const list = useInfiniteQuery({
    queryKey: ["users", term],
    queryFn: ({ pageParam }) => api.get<Page<User>>("/api/users", { q: term, after: pageParam, limit: 50 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Screen title={t("nav.people")} sub={t("people.sub")} actions={write && <Button tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setEdit("new")}>{t("people.new")}</Button>}>
      <div className="border-b border-line px-4 py-2 md:px-6"><TextInput type="search" value={q} onChange={(e) => setQ(e.target.value)} aria-label={t("people.search")} placeholder={t("people.search")} className="!w-72 max-md:!w-full" /></div>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<Users size={18} aria-hidden />} title={t("people.no_match")} />
      ) : (
        <table className="w-full max-md:block">
          <thead className="border-b border-line max-md:hidden">
            <tr>
              <th scope="col" className={`${th} md:pl-6`}>{t("people.name")}</th>
              <th scope="col" className={th}>{t("people.roles")}</th>
              <th scope="col" className={th}>{t("people.skills")}</th>
              <th scope="col" className={th}>{t("nav.queues")}</th>
              <th scope="col" className={th}>{t("people.seen")}</th>
            </tr>
          </thead>
          <tbody className="max-md:block">
            {rows.map((u) => (
              <tr key={u.id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-2 max-md:px-4 max-md:py-2">
                <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                  <span className="flex items-center gap-2.5">
                    <Avatar name={u.name} size={28} />
                    <span className="min-w-0">
                      {write ? <button type="button" className="block font-medium after:absolute after:inset-0" onClick={() => setEdit(u)}>{u.name}</button> : <span className="block font-medium">{u.name}</span>}
                      <span className="block truncate text-xs text-text-3">{u.email}</span>
                    </span>
                    {u.disabled && <Badge meaning="done">{t("people.disabled")}</Badge>}
                  </span>
                </td>
                <td className={`${td} max-md:p-0 max-md:pl-9`}>{u.roles.map((r) => t(`role.${r}`)).join(t("common.comma"))}</td>
                <td className={`${td} text-text-2 max-md:hidden`}>{u.skills?.join(t("common.comma"))}</td>
                <td className={`${td} text-text-2 max-md:hidden`}>{u.queues?.length ? u.queues.join(t("common.comma")) : t("inbox.every_queue")}</td>
                <td className={`${td} text-text-3 max-md:hidden`}><When at={u.seen_at} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {list.hasNextPage && <div className="p-4 text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
      {edit && <Edit user={edit === "new" ? undefined : edit} self={edit !== "new" && edit.id === me.id} onClose={() => setEdit(undefined)} />}
    </Screen>
  );
}

function Edit({ user: u, self, onClose }: { user?: User; self: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const queues = useQuery(queuesQuery).data ?? [];
  const [has, setHas] = useState<Role[]>(u?.roles ?? ["agent"]);
  const [skills, setSkills] = useState(u?.skills ?? []);
  const [serves, setServes] = useState(u?.queues ?? []);
  const [error, setError] = useState<unknown>();
  const own = (f: string) => (error instanceof ApiError && error.field?.split(".").pop() === f ? text(error) : undefined);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    const body = { name: String(f.get("name")), email: String(f.get("email")), password: String(f.get("password")) || undefined, roles: has, skills, queues: serves };
    setError(undefined);
    try {
      if (u) await api.put(`/api/users/${u.id}`, body);
      else await api.post("/api/users", body);
      await again();
      toast(t("done.saved"));
      onClose();
    } catch (err) {
      setError(err);
    }
  };
  const able = async (on: boolean) => {
    if (!u) return;
    try {
      await api.post(`/api/users/${u.id}/${on ? "enable" : "disable"}`);
      await again();
      toast(t(on ? "people.enabled_done" : "people.disabled_done", { name: u.name }), {
        undo: () => void api.post(`/api/users/${u.id}/${on ? "disable" : "enable"}`).then(again).catch((err: unknown) => toast(text(err), { bad: true })),
      });
      onClose();
    } catch (err) {
      setError(err);
    }
  };
  const toggle = <T,>(list: T[], v: T, on: boolean) => (on ? [...list, v] : list.filter((x) => x !== v));
  return (
    <Dialog open onClose={onClose} title={u ? u.name : t("people.new")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <Field label={t("people.name")} error={own("name")}>{(p) => <TextInput {...p} name="name" required maxLength={100} defaultValue={u?.name} autoFocus />}</Field>
          <Field label={t("people.email")} error={own("email")}>{(p) => <TextInput {...p} name="email" type="email" required defaultValue={u?.email} autoComplete="off" />}</Field>
          <Field label={u ? t("people.new_password") : t("login.password")} hint={u ? t("people.password_hint") : t("setup.password_hint")} error={own("password")}>
            {(p) => <TextInput {...p} name="password" type="password" minLength={10} required={!u} autoComplete="new-password" />}
          </Field>
          <fieldset>
            <legend className="mb-1 text-xs font-medium text-text-2">{t("people.roles")}</legend>
            <div className="space-y-1.5">
              {roles.map((r) => (
                <Check key={r} label={<>{t(`role.${r}`)} <span className="text-text-3">{t(`role.what.${r}`)}</span></>} checked={has.includes(r)} disabled={self && r === "owner"} onChange={(e) => setHas(toggle(has, r, e.target.checked))} />
              ))}
            </div>
          </fieldset>
          <Field label={t("people.skills")} hint={t("people.skills_hint")}>{(p) => <Chips id={p.id} values={skills} onChange={setSkills} removeLabel={(what) => t("common.remove", { what })} />}</Field>
          {queues.length > 0 && (
            <fieldset>
              <legend className="mb-1 text-xs font-medium text-text-2">{t("people.queues")}</legend>
              <div className="grid grid-cols-2 gap-1.5">
                {queues.map((q) => <Check key={q.name} label={textIn(q.title) || q.name} checked={serves.includes(q.name)} onChange={(e) => setServes(toggle(serves, q.name, e.target.checked))} />)}
              </div>
            </fieldset>
          )}
          {error !== undefined && !own("email") && !own("name") && !own("password") && <Note meaning="breach">{text(error)}</Note>}
        </DialogBody>
        <DialogFoot>
          {u && !self && <Button tone={u.disabled ? "plain" : "danger"} onClick={() => void able(Boolean(u.disabled))}>{t(u.disabled ? "people.enable" : "people.disable")}</Button>}
          <span className="flex-1" />
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={has.length === 0}>{t("common.save")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
