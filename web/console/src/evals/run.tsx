import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, Download, ExternalLink, RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { currentLang } from "../i18n";
import { may, useMe } from "../lib/session";
import { dayAndTime } from "../lib/time";
import { goTo } from "../router";
import { Screen } from "../ui/bits";
import { Button, IconButton } from "../ui/button";
import { Menu, MenuItem } from "../ui/overlay";
import { Failed, Note, SkeletonRows, useErrorText } from "../ui/state";
import { toast } from "../ui/toast";
import { compareQuery, runQuery, startRun } from "./api";
import { type Book, useBook } from "./book";
import { Progress } from "./list";
import { running } from "./report";
import { ReportView } from "./report-view";
import type { RunPageData } from "./types";
import { suiteName, whyLine } from "./words";

export function RunPage() {
  const { t } = useTranslation();
  const text = useErrorText();
  const me = useMe();
  const { id } = useParams({ strict: false }) as { id: string };
  const run = useQuery(runQuery(id));
  const r = run.data;
  const name = r?.playbook ?? "";
  const { book } = useBook(name);
  const report = r?.report ?? undefined;
  const compare = useQuery({ ...compareQuery(id), enabled: report !== undefined, retry: false });
  const again = async () => {
    try {
      goTo(`/evals/${(await startRun(name, r?.repeat ?? 1)).id}`);
    } catch (err) {
      toast(text(err), { bad: true });
    }
  };
  const parts = r ? [dayAndTime(r.at), r.revision ? t("playbooks.revision", { n: r.revision }) : "", r.repeat > 1 ? t("evals.times", { count: r.repeat }) : "", r.schedule ? t("evals.by_schedule") : r.by] : [];
  return (
    <Screen
      back={<IconButton label={t("common.back")} onClick={() => goTo("/evals")}><ArrowLeft size={16} aria-hidden /></IconButton>}
      title={name ? t("evals.title", { name: book?.title || name }) : t("nav.evals")}
      sub={parts.filter(Boolean).join(" · ")}
      actions={
        report && (
          <>
            {may(me, "evals.run") && <Button icon={<RotateCcw size={14} aria-hidden />} onClick={() => void again()}>{t("evals.again")}</Button>}
            <a href={`/api/evals/runs/${id}/html?lang=${currentLang()}`} target="_blank" rel="noreferrer" className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-3 font-medium hover:bg-hover"><ExternalLink size={14} aria-hidden />{t("evals.html")}</a>
            <Menu trigger={<IconButton label={t("evals.download")}><Download size={16} aria-hidden /></IconButton>}>
              <MenuItem onSelect={() => save(`${name}-${id}.json`, JSON.stringify(report, null, 2))}>{t("evals.as_json")}</MenuItem>
              <MenuItem onSelect={() => window.location.assign(`/api/evals/runs/${id}/junit`)}>{t("evals.as_junit")}</MenuItem>
            </Menu>
          </>
        )
      }
    >
      <div className="mx-auto max-w-280 p-4 md:p-6">
        {run.isPending ? (
          <SkeletonRows />
        ) : run.isError || !r ? (
          <Failed error={run.error} retry={() => void run.refetch()} />
        ) : running(r) ? (
          <UnderWay run={r} book={book} />
        ) : r.status === "broken" ? (
          <Note meaning="breach">{t("evals.broke_off")} {r.error}</Note>
        ) : report ? (
          <ReportView key={id} run={r} report={report} book={book} compare={compare.data} />
        ) : (
          <Note meaning="warning">{t("evals.no_report")}</Note>
        )}
      </div>
    </Screen>
  );
}

/** The bar, and what has failed so far. */
function UnderWay({ run, book }: { run: RunPageData; book?: Book }) {
  const { t } = useTranslation();
  const bad = run.failing ?? [];
  return (
    <div className="mx-auto max-w-160 py-12">
      <p className="text-center text-base font-medium">{t("evals.under_way")}</p>
      <div className="my-4"><Progress run={run} wide /></div>
      <p className="text-center text-text-3">{t("evals.may_leave")}</p>
      {bad.length > 0 && (
        <ul className="mt-6 divide-y divide-line rounded-lg border border-line" aria-label={t("evals.failures")} aria-live="polite">
          {bad.map((f) => (
            <li key={`${f.suite}${f.name}${f.mode ?? ""}`} className="px-3 py-2">
              <p className="font-medium">{f.name} <span className="text-xs font-normal text-text-3">{suiteName(f.suite)}</span></p>
              <p className="text-xs text-breach">{whyLine(book, f.why)}</p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function save(name: string, content: string) {
  const a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}
