import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ClipboardCheck, Play } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { client } from "../api/queries";
import type { Page } from "../api/types";
import { textIn } from "../i18n";
import { may, useMe } from "../lib/session";
import { percent } from "../lib/time";
import { playbooksQuery } from "../playbooks/api";
import { goTo } from "../router";
import { Screen, td, th, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Field, Select, TextInput } from "../ui/field";
import { Dialog, DialogBody, DialogFoot } from "../ui/overlay";
import { Badge, Empty, Failed, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { rate, type Run, running } from "./report";

export function Evals() {
  const { t } = useTranslation();
  const me = useMe();
  const [start, setStart] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["runs"],
    queryFn: ({ pageParam }) => api.get<Page<Run>>("/api/evals/runs", { after: pageParam, limit: 50 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: (q) => (q.state.data?.pages[0]?.items.some(running) ? 2000 : false),
  });
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const run = may(me, "evals.run") && <Button tone="primary" icon={<Play size={14} aria-hidden />} onClick={() => setStart(true)}>{t("evals.run")}</Button>;
  return (
    <Screen title={t("nav.evals")} sub={t("evals.sub")} actions={rows.length > 0 && run}>
      {list.isPending ? (
        <SkeletonRows />
      ) : list.isError && rows.length === 0 ? (
        <Failed error={list.error} retry={() => void list.refetch()} />
      ) : rows.length === 0 ? (
        <Empty icon={<ClipboardCheck size={18} aria-hidden />} title={t("evals.empty")} action={run}>{t("evals.empty_text")}</Empty>
      ) : (
        <>
          <table className="w-full max-md:block">
            <thead className="border-b border-line max-md:hidden">
              <tr>
                <th scope="col" className={`${th} md:pl-6`}>{t("evals.playbook")}</th>
                <th scope="col" className={th}>{t("evals.result")}</th>
                <th scope="col" className={th}>{t("evals.share")}</th>
                <th scope="col" className={th}>{t("evals.when")}</th>
              </tr>
            </thead>
            <tbody className="max-md:block">
              {rows.map((r, i) => {
                const share = rate(r);
                const before = rows.slice(i + 1).find((x) => x.playbook === r.playbook && x.status === "done");
                const was = before && rate(before);
                return (
                  <tr key={r.id} className="relative border-b border-line hover:bg-hover max-md:flex max-md:flex-wrap max-md:items-center max-md:gap-2 max-md:px-4 max-md:py-2">
                    <td className={`${td} md:pl-6 max-md:w-full max-md:p-0`}>
                      <Link to="/evals/$id" params={{ id: r.id }} className="font-medium after:absolute after:inset-0">{r.playbook || t("evals.unnamed")}</Link>
                      {r.revision ? <span className="ml-2 text-xs text-text-3">{t("playbooks.revision", { n: r.revision })}</span> : null}
                    </td>
                    <td className={`${td} max-md:p-0`}><Result run={r} /></td>
                    <td className={`${td} tabular-nums max-md:p-0`}>
                      {share !== undefined && !running(r) && percent(share, 1)}
                      {share !== undefined && was !== undefined && share !== was && !running(r) && <span className={`ml-2 text-xs ${share < was ? "text-breach" : "text-live"}`}>{t(share > was ? "evals.up" : "evals.down", { n: percent(Math.abs(share - was), 1) })}</span>}
                    </td>
                    <td className={`${td} text-text-3 max-md:ml-auto max-md:p-0`}><When at={r.at} /></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {list.hasNextPage && <div className="p-4 text-center"><Button onClick={() => void list.fetchNextPage()}>{t("common.more")}</Button></div>}
        </>
      )}
      {start && <Start onClose={() => setStart(false)} />}
    </Screen>
  );
}

export function Result({ run: r }: { run: Run }) {
  const { t } = useTranslation();
  if (running(r)) return <Progress done={r.done} total={r.total} />;
  if (r.status === "broken") return <Badge meaning="breach" title={r.error}>{t("evals.broken")}</Badge>;
  return r.failed ? <Badge meaning="breach">{t("evals.failed_n", { n: r.failed })}</Badge> : <Badge meaning="live">{t("evals.all_passed")}</Badge>;
}

/** How far it is, in bar and in count. */
export function Progress({ done, total }: { done: number; total: number }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex items-center gap-2 text-xs text-text-2" role="progressbar" aria-valuenow={done} aria-valuemin={0} aria-valuemax={total || undefined} aria-label={t("evals.progress")}>
      <span className="h-1.5 w-28 overflow-hidden rounded-full bg-sunken">
        <span className="block h-full bg-accent" style={{ width: total ? `${(done / total) * 100}%` : "8%", transition: "width 0.4s" }} />
      </span>
      <span className="tabular-nums">{total ? `${done} / ${total}` : t("evals.begins")}</span>
    </span>
  );
}

function Start({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const books = useQuery(playbooksQuery).data ?? [];
  const [busy, setBusy] = useState(false);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const f = new FormData(e.currentTarget);
    setBusy(true);
    try {
      const r = await api.post<Run>("/api/evals/runs", { playbook: String(f.get("playbook")), repeat: Number(f.get("repeat")) || 1 });
      void client.invalidateQueries({ queryKey: ["runs"] });
      goTo(r?.id ? `/evals/${r.id}` : "/evals");
      onClose();
    } catch (err) {
      setBusy(false);
      toast(text(err), { bad: true });
    }
  };
  return (
    <Dialog open onClose={onClose} title={t("evals.run")} description={t("evals.run_text")}>
      <form className="contents" onSubmit={submit}>
        <DialogBody>
          <Field label={t("evals.playbook")}>
            {(p) => (
              <Select {...p} name="playbook" required autoFocus>
                {books.map((b) => <option key={b.name} value={b.name}>{textIn(b.title) || b.name}</option>)}
              </Select>
            )}
          </Field>
          <Field label={t("evals.repeat")} hint={t("evals.repeat_hint")}>{(p) => <TextInput {...p} name="repeat" type="number" min={1} max={100} defaultValue={1} />}</Field>
        </DialogBody>
        <DialogFoot>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button tone="primary" type="submit" disabled={busy || books.length === 0}>{t("evals.go")}</Button>
        </DialogFoot>
      </form>
    </Dialog>
  );
}
