import { useQuery } from "@tanstack/react-query";
import { Plus, Send, Trash2, Webhook as Hook } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import { When } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Check, Field, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Note, Skeleton, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { webhooksQuery } from "./api";
import { useRemoval } from "./later";
import { Copied } from "./lines";
import { hookEvents, type Webhook } from "./types";

const again = () => void client.invalidateQueries({ queryKey: webhooksQuery.queryKey });

/** Addresses of other systems that are told of calls. */
export function Webhooks() {
  const { t } = useTranslation();
  const text = useErrorText();
  const list = useQuery(webhooksQuery);
  const [add, setAdd] = useState(false);
  const [made, setMade] = useState<Webhook>();
  const [testing, setTesting] = useState("");
  const { gone, remove } = useRemoval();
  const rows = (list.data ?? []).filter((x) => !gone(x.id));
  const test = async (x: Webhook) => {
    setTesting(x.id);
    try {
      const r = await api.post<{ ok?: boolean; status?: number; reason?: string }>(`/api/webhooks/${x.id}/test`, {}, { limit: 60_000 });
      const status = r?.status ?? 0;
      if (r?.ok) toast(t("hooks.test_ok", { status }));
      else toast(r?.reason ? t("hooks.test_failed", { reason: r.reason }) : t("hooks.test_status", { status }), { bad: true });
    } catch (err) {
      toast(text(err), { bad: true });
    } finally {
      setTesting("");
      again();
    }
  };
  const flip = (x: Webhook) => api.put(`/api/webhooks/${x.id}`, { url: x.url, events: x.events, active: !x.active }).then(again, (err: unknown) => toast(text(err), { bad: true }));
  return (
    <>
      {made?.secret && (
        <Note meaning="live">
          <p>{t("hooks.secret_once")}</p>
          <p className="mt-1 flex items-center gap-2">
            <code className="min-w-0 flex-1 rounded-sm bg-surface px-2 py-1 font-mono text-xs break-all text-text">{made.secret}</code>
            <Copied value={made.secret} label={t("hooks.secret")} />
          </p>
        </Note>
      )}
      {list.isPending && <Skeleton className="h-12 w-full rounded-lg" />}
      {list.isError && <Note meaning="breach">{text(list.error)}</Note>}
      <ul className="divide-y divide-line rounded-lg border border-line empty:hidden">
        {rows.map((x) => (
          <li key={x.id} data-testid="webhook" className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
            <Hook size={14} className="text-text-3" aria-hidden />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium" title={x.url}>{x.url}</span>
              <span className="block truncate text-xs text-text-3">{x.events.join(t("common.comma"))}</span>
              {x.reason && <span className="block truncate text-xs text-breach" title={x.reason}>{x.failing_since && <>{t("hooks.failing")} <When at={x.failing_since} />: </>}{x.reason}</span>}
            </span>
            <Badge meaning={!x.active ? "done" : x.failing_since ? "breach" : "live"}>{t(!x.active ? "hooks.off" : x.failing_since ? "hooks.fails" : "hooks.on")}</Badge>
            <Button small onClick={() => void flip(x)}>{t(x.active ? "hooks.stop" : "hooks.start")}</Button>
            <IconButton small label={t("hooks.test", { url: x.url })} disabled={testing === x.id} onClick={() => void test(x)}><Send size={13} aria-hidden /></IconButton>
            <IconButton small label={t("hooks.remove", { url: x.url })} onClick={() => remove(x.id, t("hooks.removed"), () => api.del(`/api/webhooks/${x.id}`).then(again))}><Trash2 size={13} aria-hidden /></IconButton>
          </li>
        ))}
      </ul>
      {list.isSuccess && rows.length === 0 && <p className="text-text-3">{t("hooks.empty")}</p>}
      <Button icon={<Plus size={14} aria-hidden />} onClick={() => setAdd(true)}>{t("hooks.add")}</Button>
      {add && <Add onClose={() => setAdd(false)} onMade={(m) => { setMade(m); setAdd(false); }} />}
    </>
  );
}

function Add({ onClose, onMade }: { onClose: () => void; onMade: (m: Webhook) => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const [error, setError] = useState<unknown>();
  const [events, setEvents] = useState<string[]>(["call.ended", "recording.ready"]);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    setError(undefined);
    try {
      const made = await api.post<Webhook>("/api/webhooks", { url: String(f.get("url")), events, active: true });
      again();
      onMade(made);
    } catch (err) {
      setError(err);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t("hooks.add")} description={t("hooks.add_text")}>
      <form className="contents" onSubmit={(e) => void submit(e)}>
        <DialogBody>
          <Field label={t("hooks.url")}>{(p) => <TextInput {...p} name="url" type="url" required autoFocus placeholder="https://" maxLength={1000} />}</Field>
          <fieldset>
            <legend className="mb-1.5 text-xs font-medium text-text-2">{t("hooks.events")}</legend>
            <div className="grid grid-cols-2 gap-1.5 max-sm:grid-cols-1">
              {hookEvents.map((ev) => (
                <Check key={ev} label={<><span>{t(`hooks.event.${ev.replace(".", "_") as "call_began"}`)}</span> <code className="font-mono text-2xs text-text-3">{ev}</code></>} checked={events.includes(ev)} onChange={(e) => setEvents((now) => (e.target.checked ? [...now, ev] : now.filter((x) => x !== ev)))} />
              ))}
            </div>
          </fieldset>
          {error !== undefined && <Note meaning="breach">{text(error)}</Note>}
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={events.length === 0}>{t("sip.create")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
