import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, Check, Ellipsis, FileUp, RotateCw, Settings2, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { client } from "../../api/queries";
import type { ID } from "../../api/types";
import { may, useMe } from "../../lib/session";
import { dayAndTime, number } from "../../lib/time";
import { goTo } from "../../router";
import { Screen, Tabs } from "../../ui/bits";
import { Button, IconButton } from "../../ui/button";
import { Dialog, DialogBody, DialogFoot, Menu, MenuItem, MenuLine } from "../../ui/overlay";
import { Empty, Failed, Skeleton, SkeletonRows, useErrorText } from "../../ui/state";
import { toast } from "../../ui/toast";
import { type Run, running, type Source, sourceQuery, start, sums } from "./api";
import { Edit, Replace } from "./change";
import { Steps } from "./import";
import { Items } from "./items";
import { kindIcons, stateLook } from "./kinds";
import { Outcome, Progress } from "./run";
import { Runs } from "./runs";

/** What an editor decided about single pages: those to leave, and whose text wins in a conflict. */
export interface Choices {
  skip: ReadonlySet<string>;
  take: ReadonlySet<string>;
  keep: ReadonlySet<string>;
}
const none: Choices = { skip: new Set(), take: new Set(), keep: new Set() };

/** A source: what it has, what would change, what became of it. */
export function SourcePage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: ID };
  const source = useQuery({ ...sourceQuery(id), refetchInterval: (q) => (running(q.state.data) ? 700 : 30_000) });
  const back = <IconButton label={t("common.back")} onClick={() => goTo("/knowledge/sources")}><ArrowLeft size={16} aria-hidden /></IconButton>;
  if (source.isPending) return <Screen title={<Skeleton className="h-5 w-56" />} back={back}><SkeletonRows /></Screen>;
  if (source.isError && !source.data) return <Screen title={t("knowledge.room.sources")} back={back}><Failed error={source.error} retry={() => void source.refetch()} /></Screen>;
  return <Whole key={id} source={source.data} back={back} />;
}

/** Whether nothing was ever taken over: then this is the third step of an import. What was has an article to compare with. */
const untouched = (r?: Run) => !r || (r.mode === "preview" && r.found.changed + r.found.unchanged + r.found.conflicts + r.found.gone === 0);

function Whole({ source: s, back }: { source: Source; back: React.ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const text = useErrorText();
  const r = s.last_run;
  const runs = r ? `${r.id}:${r.status}` : "";
  const [tab, setTab] = useState<"pages" | "runs">("pages");
  const [choices, setChoices] = useState(none);
  const [dialog, setDialog] = useState<"edit" | "replace" | "delete">();
  const busy = running(s);
  const [first, setFirst] = useState(untouched(r));
  const [imported, setImported] = useState(false);
  const allowed = may(me, "articles.write") && (may(me, "articles.publish") || (!s.publish && s.gone !== "unpublish"));
  useEffect(() => {
    // Another run found another state: what was chosen before no longer means the same.
    setChoices(none);
    if (r?.status === "running") return;
    setImported(first && r?.mode === "sync");
    setFirst(untouched(r));
    if (r?.mode === "sync") void client.invalidateQueries({ queryKey: ["articles"] });
  }, [runs]);

  const go = async (mode: "preview" | "sync") => {
    try {
      await start(s.id, mode, { take: [...choices.take], keep: [...choices.keep], skip: [...choices.skip] });
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const remove = async () => {
    try {
      await api.del(`/api/sources/${s.id}`);
      client.removeQueries({ queryKey: ["source", s.id] });
      void client.invalidateQueries({ queryKey: ["sources"] });
      toast(t("sources.deleted", { name: s.name }));
      goTo("/knowledge/sources");
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const found = r && r.status === "done" ? sums(r) : [];
  const n = (state: string) => found.find((x) => x.state === state)?.n ?? 0;
  const count = n("new") + n("changed") + (s.gone === "unpublish" && r?.mode === "preview" ? n("gone") : 0) - choices.skip.size + choices.take.size;
  const decided = choices.take.size + choices.keep.size;
  const apply = count > 0 || decided > 0;
  const Icon = kindIcons[s.kind];
  return (
    <Screen
      back={back}
      title={<span className="inline-flex items-center gap-2"><Icon size={16} aria-hidden className="text-text-3" />{s.name}</span>}
      sub={s.schedule === "daily" && s.next_at ? t("sources.next", { at: dayAndTime(s.next_at) }) : t(`sources.kind.${s.kind}`)}
      actions={
        <>
          {(first || imported) && <div className="mr-2 max-lg:hidden"><Steps at={imported ? 4 : 2} /></div>}
          {allowed && s.kind !== "folder" && (
            <>
              <Button className="max-md:hidden" icon={<RotateCw size={14} aria-hidden />} disabled={busy} onClick={() => void go("preview")}>{t("sources.check")}</Button>
              {apply ? (
                <Button tone="primary" icon={<Check size={14} aria-hidden />} disabled={busy} onClick={() => void go("sync")}>{count > 0 ? t(first ? "sources.import_n" : "sources.take_n", { count }) : t("sources.apply_n", { count: decided })}</Button>
              ) : (
                !first && <Button tone="primary" disabled={busy} onClick={() => void go("sync")}>{t("sources.sync")}</Button>
              )}
            </>
          )}
          {may(me, "articles.write") && (
            <Menu trigger={<IconButton label={t("action.more")}><Ellipsis size={16} aria-hidden /></IconButton>}>
              {allowed && s.kind !== "folder" && <MenuItem icon={<RotateCw size={14} aria-hidden />} disabled={busy} onSelect={() => void go("preview")}>{t("sources.check")}</MenuItem>}
              {allowed && <MenuItem icon={<Settings2 size={14} aria-hidden />} disabled={busy} onSelect={() => setDialog("edit")}>{t("sources.edit")}</MenuItem>}
              {allowed && s.kind === "files" && <MenuItem icon={<FileUp size={14} aria-hidden />} disabled={busy} onSelect={() => setDialog("replace")}>{t("sources.replace")}</MenuItem>}
              <MenuLine />
              <MenuItem danger icon={<Trash2 size={14} aria-hidden />} onSelect={() => setDialog("delete")}>{t("sources.delete")}</MenuItem>
            </Menu>
          )}
        </>
      }
    >
      <div className="flex h-full min-h-0 flex-col">
        {busy && r ? <Progress run={r} canStop={allowed} /> : r ? <Outcome run={r} /> : null}
        <div className="flex shrink-0 items-center border-b border-line px-4 py-1.5 md:px-6">
          <Tabs label={t("sources.views")} value={tab} onChange={setTab} tabs={[{ value: "pages", label: t("sources.pages") }, { value: "runs", label: t("sources.runs") }]} />
        </div>
        <div className="min-h-0 flex-1">
          {tab === "runs" ? (
            <Runs source={s} />
          ) : !r ? (
            <Empty title={t("sources.not_read")}>{t("sources.not_read_text")}</Empty>
          ) : busy && r.phase !== "saving" ? (
            <SkeletonRows rows={8} />
          ) : (
            <Items source={s} run={r} busy={busy} choices={choices} onChoices={allowed && !busy && r.status === "done" ? setChoices : undefined} />
          )}
        </div>
      </div>
      {dialog === "edit" && <Edit source={s} onClose={() => setDialog(undefined)} />}
      {dialog === "replace" && <Replace source={s} onClose={() => setDialog(undefined)} />}
      <Dialog open={dialog === "delete"} onClose={() => setDialog(undefined)} title={t("sources.delete_title", { name: s.name })}>
        <DialogBody><p>{t("sources.delete_text")}</p></DialogBody>
        <DialogFoot>
          <Button onClick={() => setDialog(undefined)}>{t("common.cancel")}</Button>
          <Button tone="danger" onClick={() => void remove()}>{t("sources.delete")}</Button>
        </DialogFoot>
      </Dialog>
    </Screen>
  );
}

/** The states there are, each with its number, as a filter. */
export function Filters({ run, value, onChange }: { run: Run; value: string; onChange: (v: string) => void }) {
  const { t } = useTranslation();
  const list = sums(run);
  return (
    <div className="flex flex-wrap gap-1" role="group" aria-label={t("sources.filter")}>
      {[{ state: "" as const, n: 0 }, ...list].map((x) => {
        const Icon = x.state ? stateLook[x.state].icon : undefined;
        return (
          <button
            key={x.state}
            type="button"
            aria-pressed={value === x.state}
            onClick={() => onChange(x.state)}
            className="inline-flex h-7 items-center gap-1.5 rounded-md px-2 whitespace-nowrap text-text-2 hover:bg-sunken aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent-text"
          >
            {Icon && <Icon size={12} aria-hidden />}
            {x.state ? t(`sources.state.${x.state}`) : t("sources.all")}
            {x.n > 0 && <span className="text-xs tabular-nums opacity-80">{number(x.n)}</span>}
          </button>
        );
      })}
    </div>
  );
}
