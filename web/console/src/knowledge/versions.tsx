import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Article } from "../api/types";
import { By, When } from "../ui/bits";
import { Button } from "../ui/button";
import { Diff } from "../ui/diff";
import { Dialog } from "../ui/overlay";
import { Badge, Failed, SkeletonRows } from "../ui/state";
import { versionQuery, versionsQuery } from "./api";

export function Versions({ article, onRestore }: { article: Article; onRestore?: (n: number) => void }) {
  const { t } = useTranslation();
  const list = useQuery(versionsQuery(article.id));
  const [open, setOpen] = useState<number>();
  if (list.isPending) return <SkeletonRows rows={4} />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <>
      <ul className="divide-y divide-line">
        {list.data.map((v) => (
          <li key={v.version}>
            <button type="button" className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover" onClick={() => setOpen(v.version)}>
              <span className="w-8 text-text-3 tabular-nums">{v.version}</span>
              <span className="min-w-0 flex-1">
                <span className="block"><By who={v.by} /></span>
                {v.note && <span className="block truncate text-xs text-text-3">{v.note}</span>}
              </span>
              {v.version === article.published_version && <Badge meaning="live">{t("knowledge.is.published")}</Badge>}
              <When at={v.at} className="text-xs text-text-3" />
            </button>
          </li>
        ))}
      </ul>
      {open !== undefined && <Compare article={article} version={open} versions={list.data.map((v) => v.version)} onClose={() => setOpen(undefined)} onRestore={onRestore && ((n) => { setOpen(undefined); onRestore(n); })} />}
    </>
  );
}

function Compare({ article, version, versions, onClose, onRestore }: { article: Article; version: number; versions: number[]; onClose: () => void; onRestore?: (n: number) => void }) {
  const { t } = useTranslation();
  const [against, setAgainst] = useState(version === article.version ? Math.max(version - 1, 1) : article.version);
  const [older, newer] = version < against ? [version, against] : [against, version];
  const a = useQuery(versionQuery(article.id, older));
  const b = useQuery(versionQuery(article.id, newer));
  const as = (n: number) => t("knowledge.version", { n });
  return (
    <Dialog open onClose={onClose} side title={t("knowledge.compare", { a: older, b: newer })}>
      <div className="flex items-center gap-2 border-b border-line px-4 py-2">
        <label className="flex items-center gap-2 text-xs text-text-3">
          {t("knowledge.against")}
          <select value={against} onChange={(e) => setAgainst(Number(e.target.value))} className="h-7 rounded-md border border-field bg-surface px-1.5 text-text">
            {versions.map((n) => <option key={n} value={n}>{as(n)}</option>)}
          </select>
        </label>
        <span className="flex-1" />
        {onRestore && version !== article.version && <Button tone="primary" onClick={() => onRestore(version)}>{t("knowledge.restore", { n: version })}</Button>}
      </div>
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4">
        {a.data && b.data ? (
          <>
            {a.data.title !== b.data.title && <Diff a={a.data.title} b={b.data.title} left={as(older)} right={as(newer)} />}
            <Diff a={a.data.body ?? ""} b={b.data.body ?? ""} left={as(older)} right={as(newer)} />
            <Lists label={t("knowledge.questions")} a={a.data.questions ?? []} b={b.data.questions ?? []} />
            <Lists label={t("knowledge.tags")} a={a.data.tags ?? []} b={b.data.tags ?? []} />
          </>
        ) : a.isError || b.isError ? (
          <Failed error={a.error ?? b.error} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </div>
    </Dialog>
  );
}

function Lists({ label, a, b }: { label: string; a: string[]; b: string[] }) {
  const gone = a.filter((x) => !b.includes(x));
  const come = b.filter((x) => !a.includes(x));
  if (!gone.length && !come.length) return null;
  return (
    <div>
      <h3 className="mb-1 text-xs font-semibold text-text-2">{label}</h3>
      <ul className="space-y-0.5">
        {[...gone.map((x) => [x, false] as const), ...come.map((x) => [x, true] as const)].map(([x, added]) => (
          <li key={x} className={clsx("rounded-sm px-2", added ? "bg-live-soft" : "bg-breach-soft")}>
            <span aria-hidden>{added ? "+ " : "− "}</span>
            {added ? <ins className="no-underline">{x}</ins> : <del className="no-underline">{x}</del>}
          </li>
        ))}
      </ul>
    </div>
  );
}
