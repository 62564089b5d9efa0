import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ArrowLeft, ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { listOf } from "../api/queries";
import { currentLang } from "../i18n";
import { dayAndTime } from "../lib/time";
import { goTo } from "../router";
import { Screen } from "../ui/bits";
import { IconButton } from "../ui/button";
import { Failed, Note, SkeletonRows } from "../ui/state";
import { Progress } from "./list";
import { readReport, type Run, running } from "./report";
import { ReportView } from "./report-view";

const get = (id: string) => api.get<Run>(`/api/evals/runs/${id}`);

export function RunPage() {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const run = useQuery({ queryKey: ["runs", id], queryFn: () => get(id), refetchInterval: (q) => (q.state.data && running(q.state.data) ? 1000 : false) });
  const report = readReport(run.data);
  const name = run.data?.playbook ?? report?.playbook;
  // The run before it, of the same playbook, says what changed.
  const before = useQuery({
    queryKey: ["runs", id, "before"],
    enabled: report !== undefined && name !== undefined && !(run.data && running(run.data)),
    queryFn: async () => {
      const all = listOf<Run>(await api.get("/api/evals/runs", { limit: 50, playbook: name }));
      const here = all.findIndex((r) => r.id === id);
      const older = here < 0 ? undefined : all.slice(here + 1).find((r) => r.playbook === name && r.status === "done");
      return older ? (readReport(await get(older.id)) ?? null) : null;
    },
  });
  const at = run.data?.at ?? report?.started_at;
  return (
    <Screen
      back={<IconButton label={t("common.back")} onClick={() => goTo("/evals")}><ArrowLeft size={16} aria-hidden /></IconButton>}
      title={name ? t("evals.title", { name }) : t("nav.evals")}
      sub={[at && dayAndTime(at), run.data?.revision ? t("playbooks.revision", { n: run.data.revision }) : "", report && report.repeat > 1 ? t("evals.times", { count: report.repeat }) : ""].filter(Boolean).join(" · ")}
      actions={report && <a href={`/api/evals/runs/${id}/html?lang=${currentLang()}`} target="_blank" rel="noreferrer" className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line px-3 font-medium hover:bg-hover"><ExternalLink size={14} aria-hidden />{t("evals.html")}</a>}
    >
      <div className="mx-auto max-w-240 p-4 md:p-6">
        {run.isPending ? (
          <SkeletonRows />
        ) : run.isError ? (
          <Failed error={run.error} retry={() => void run.refetch()} />
        ) : running(run.data) ? (
          <div className="flex flex-col items-center gap-3 py-16">
            <p className="text-base font-medium">{t("evals.under_way")}</p>
            <Progress done={run.data.done} total={run.data.total} />
            <p className="text-text-3">{t("evals.may_leave")}</p>
          </div>
        ) : run.data.status === "broken" ? (
          <Note meaning="breach">{t("evals.broke_off")} {run.data.error}</Note>
        ) : report ? (
          <ReportView report={report} before={before.data ?? undefined} />
        ) : (
          <Note meaning="warning">{t("evals.no_report")}</Note>
        )}
      </div>
    </Screen>
  );
}
