import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlaybookPage } from "../api/types";
import { may, useMe } from "../lib/session";
import { When } from "../ui/bits";
import { Button } from "../ui/button";
import { Diff } from "../ui/diff";
import { Dialog } from "../ui/overlay";
import { Badge, Empty, Failed, SkeletonRows } from "../ui/state";
import { filesQuery } from "./api";

export function Revisions({ page, onRollback }: { page: PlaybookPage; onRollback: (n: number) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const [open, setOpen] = useState<number>();
  return (
    <>
      <ul className="divide-y divide-line">
        {(page.revisions ?? []).map((r) => (
          <li key={r.revision} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 md:px-6">
            <span className="w-8 text-base font-semibold tabular-nums">{r.revision}</span>
            <span className="min-w-40 flex-1">
              <span className="block">{r.note || t("playbooks.no_note")}</span>
              <span className="text-xs text-text-3">{r.by} · <When at={r.at} /></span>
            </span>
            {r.revision === page.live_revision && <Badge meaning="live">{t("playbooks.live")}</Badge>}
            {r.forced && <Badge meaning="warning">{t("playbooks.forced")}</Badge>}
            {r.failed ? <Badge meaning="breach">{t("evals.failed_n", { n: r.failed })}</Badge> : r.passed ? <Badge meaning="done">{t("evals.passed_n", { n: r.passed })}</Badge> : null}
            <Button small onClick={() => setOpen(r.revision)} disabled={r.revision === page.live_revision}>{t("playbooks.compare")}</Button>
            {may(me, "playbooks.publish") && <Button small disabled={r.revision === page.live_revision} onClick={() => onRollback(r.revision)}>{t("playbooks.rollback")}</Button>}
          </li>
        ))}
      </ul>
      {open !== undefined && <Compare page={page} revision={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Compare({ page, revision, onClose }: { page: PlaybookPage; revision: number; onClose: () => void }) {
  const { t } = useTranslation();
  const paths = page.files.map((f) => f.path);
  const a = useQuery(filesQuery(page.name, revision, paths));
  const b = useQuery(filesQuery(page.name, page.live_revision, paths));
  const names = [t("playbooks.revision", { n: revision }), t("playbooks.revision", { n: page.live_revision })];
  const changed = a.data && b.data ? paths.filter((p) => a.data[p] !== b.data[p]) : [];
  return (
    <Dialog open onClose={onClose} side title={t("playbooks.compare_title", { a: revision, b: page.live_revision })}>
      <div className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4">
        {a.isError || b.isError ? <Failed error={a.error ?? b.error} /> : !a.data || !b.data ? <SkeletonRows /> : changed.length === 0 ? <Empty title={t("diff.same")} /> : changed.map((p) => (
          <section key={p}>
            <h3 className="mb-1 font-mono text-xs font-semibold">{p}</h3>
            <Diff a={a.data[p] ?? ""} b={b.data[p] ?? ""} left={names[0]} right={names[1]} />
          </section>
        ))}
      </div>
    </Dialog>
  );
}
