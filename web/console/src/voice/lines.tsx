import { useQuery } from "@tanstack/react-query";
import { Copy, Phone, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ApiError } from "../api/client";
import { agentsQuery, client } from "../api/queries";
import { When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Field, Select, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Failed, type Meaning, Note, Skeleton, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { phonesQuery, trunksQuery, voiceQuery } from "./api";
import { useRemoval } from "./later";
import type { SipPhone } from "./types";

/** How calls come and go: the lines to the network, and the telephones that register here. */
export function Lines() {
  return (
    <div className="mx-auto max-w-220 space-y-8 p-4 md:p-6">
      <Trunks />
      <Phones />
    </div>
  );
}

const states: Record<string, Meaning> = { up: "live", registered: "live", registering: "waiting", checking: "waiting", down: "breach", failed: "breach", disabled: "done" };
const known = ["up", "registered", "registering", "checking", "down", "failed", "disabled"] as const;

function Trunks() {
  const { t } = useTranslation();
  const list = useQuery({ ...trunksQuery, refetchInterval: 10_000 });
  return (
    <section aria-label={t("trunks.title")}>
      <h2 className="text-base font-semibold">{t("trunks.title")}</h2>
      <p className="mb-2 text-text-3">{t("trunks.text")}</p>
      {list.isPending ? <Skeleton className="h-12 w-full rounded-lg" /> : list.isError ? <Failed error={list.error} retry={() => void list.refetch()} /> : list.data.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong p-4 text-center text-text-3">{t("trunks.empty")}</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {list.data.map((x) => {
            const word = known.find((k) => k === x.state);
            return (
              <li key={x.name} data-testid="trunk" className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
                <span className="font-medium">{x.name}</span>
                <Badge meaning={states[x.state] ?? "done"}>{word ? t(`trunks.state.${word}`) : x.state}</Badge>
                <span className="min-w-0 flex-1 truncate text-xs text-text-3" title={x.detail}>{x.detail}</span>
                <span className="text-xs text-text-2 tabular-nums">{x.limit ? t("trunks.calls_of", { count: x.calls, limit: x.limit }) : t("trunks.calls", { count: x.calls })}</span>
                {x.limit > 0 && <span className="h-1.5 w-20 overflow-hidden rounded-full bg-sunken" aria-hidden><span className={`block h-full ${x.calls >= x.limit ? "bg-breach" : "bg-accent"}`} style={{ width: `${Math.min(100, (100 * x.calls) / x.limit)}%` }} /></span>}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Phones() {
  const { t } = useTranslation();
  const list = useQuery({ ...phonesQuery, refetchInterval: 15_000 });
  const agents = useQuery({ ...agentsQuery, staleTime: 60_000 }).data;
  const [add, setAdd] = useState(false);
  const { gone, remove } = useRemoval();
  const rows = (list.data ?? []).filter((p) => !gone(p.user));
  return (
    <section aria-label={t("sip.title")}>
      <div className="flex items-end gap-3">
        <div className="min-w-0 flex-1">
          <h2 className="text-base font-semibold">{t("sip.title")}</h2>
          <p className="mb-2 text-text-3">{t("sip.text")}</p>
        </div>
        <Button className="mb-2" icon={<Plus size={14} aria-hidden />} onClick={() => setAdd(true)}>{t("sip.add")}</Button>
      </div>
      {list.isPending ? <Skeleton className="h-12 w-full rounded-lg" /> : list.isError ? <Failed error={list.error} retry={() => void list.refetch()} /> : rows.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong p-4 text-center text-text-3">{t("sip.empty")}</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line">
          {rows.map((p) => (
            <li key={p.user} data-testid="sip-phone" className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
              <Phone size={14} className="text-text-3" aria-hidden />
              <span className="min-w-0">
                <span className="block font-mono text-xs font-medium">{p.user}</span>
                <span className="text-xs text-text-3">{[p.label, agents?.find((a) => a.id === p.agent_id)?.name].filter(Boolean).join(" · ")}</span>
              </span>
              <span className="flex-1" />
              {p.registered !== undefined && <Badge meaning={p.registered ? "live" : "done"}>{t(p.registered ? "sip.registered" : "sip.not_registered")}</Badge>}
              <When at={p.created_at} className="text-xs text-text-3 max-md:hidden" />
              <IconButton small label={t("sip.remove", { user: p.user })} onClick={() => remove(p.user, t("sip.removed", { user: p.user }), () => api.del(`/api/voice/phones/${encodeURIComponent(p.user)}`).then(() => client.invalidateQueries({ queryKey: phonesQuery.queryKey })))}><Trash2 size={13} aria-hidden /></IconButton>
            </li>
          ))}
        </ul>
      )}
      {add && <Add onClose={() => setAdd(false)} />}
    </section>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const agents = useQuery({ ...agentsQuery, staleTime: 60_000 }).data;
  const [made, setMade] = useState<SipPhone>();
  const [error, setError] = useState<unknown>();
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    setError(undefined);
    try {
      setMade(await api.post<SipPhone>("/api/voice/phones", { user: String(f.get("user")), label: String(f.get("label")), agent_id: String(f.get("agent")) || undefined }));
      void client.invalidateQueries({ queryKey: phonesQuery.queryKey });
      void client.invalidateQueries({ queryKey: voiceQuery.queryKey });
    } catch (err) {
      setError(err);
    }
  };
  if (made) return <Made phone={made} onClose={onClose} />;
  const field = error instanceof ApiError ? error.field?.split(".").pop() : undefined;
  return (
    <Dialog open onClose={onClose} title={t("sip.add")} description={t("sip.add_text")}>
      <form className="contents" onSubmit={(e) => void submit(e)}>
        <DialogBody>
          <Field label={t("sip.user")} hint={t("sip.user_hint")} error={field === "user" ? text(error) : undefined}>{(p) => <TextInput {...p} name="user" required autoFocus maxLength={32} pattern="[a-z0-9][a-z0-9._\-]+" />}</Field>
          <Field label={t("sip.label")} hint={t("sip.label_hint")}>{(p) => <TextInput {...p} name="label" required maxLength={100} />}</Field>
          <Field label={t("sip.agent")} hint={t("sip.agent_hint")}>
            {(p) => (
              <Select {...p} name="agent" defaultValue="">
                <option value="">{t("sip.nobody")}</option>
                {agents?.map((a) => <option key={a.id} value={a.id}>{a.name}</option>)}
              </Select>
            )}
          </Field>
          {error !== undefined && field !== "user" && <Note meaning="breach">{text(error)}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit">{t("sip.create")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}

/** The password, this once, and what to type into the telephone. */
function Made({ phone, onClose }: { phone: SipPhone; onClose: () => void }) {
  const { t } = useTranslation();
  const voice = useQuery(voiceQuery).data;
  const server = phone.server ?? voice?.sip ?? "";
  const lines: [string, string][] = [[t("sip.user"), phone.user], [t("login.password"), phone.password ?? ""], [t("sip.server"), server]];
  return (
    <Dialog open onClose={onClose} title={t("sip.made", { user: phone.user })} description={t("settings.token_once")}>
      <DialogBody>
        <dl className="divide-y divide-line rounded-lg border border-line">
          {lines.filter(([, v]) => v).map(([k, v]) => (
            <div key={k} className="flex items-center gap-3 px-3 py-2">
              <dt className="w-24 shrink-0 text-text-3">{k}</dt>
              <dd className="flex min-w-0 flex-1 items-center gap-3 font-mono text-xs break-all"><span className="min-w-0 flex-1">{v}</span><Copied value={v} label={k} /></dd>
            </div>
          ))}
        </dl>
        <ol className="list-decimal space-y-1 pl-5 text-text-2">
          <li>{t("sip.how.account")}</li>
          <li>{t("sip.how.fill", { server })}</li>
          <li>{t("sip.how.codec")}</li>
          <li>{t("sip.how.choose")}</li>
        </ol>
      </DialogBody>
      <DialogFoot><Button tone="primary" onClick={onClose}>{t("sip.noted")}</Button></DialogFoot>
    </Dialog>
  );
}

export function Copied({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation();
  return <IconButton small label={`${t("settings.copy")}: ${label}`} onClick={() => void navigator.clipboard.writeText(value).then(() => toast(t("settings.copied")))}><Copy size={13} aria-hidden /></IconButton>;
}
