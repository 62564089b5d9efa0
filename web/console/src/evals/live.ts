import i18next from "i18next";
import { client } from "../api/queries";
import type { Page } from "../api/types";
import { toast } from "../ui/toast";
import type { Run, RunPageData } from "./types";

/** A run has come further: every screen that shows it shows that. */
export function takeRun(run: Run) {
  const before = client.getQueryData<RunPageData>(["runs", "one", run.id]);
  const put = (list: Run[] | undefined) => list?.map((r) => (r.id === run.id ? { ...r, ...run } : r));
  client.setQueriesData<{ pages: Page<Run>[]; pageParams: unknown[] }>({ queryKey: ["runs", "list"] }, (d) => d && { ...d, pages: d.pages.map((p) => ({ ...p, items: put(p.items) ?? [] })) });
  const known = client.getQueryData<Run[]>(["runs", "history", run.playbook]);
  if (known && !known.some((r) => r.id === run.id)) void client.invalidateQueries({ queryKey: ["runs", "history", run.playbook] });
  client.setQueryData<Run[]>(["runs", "history", run.playbook], put);
  if (run.schedule && run.status !== "running" && !run.gate_ok) toast(i18next.t("evals.schedule_shut", { name: run.playbook, failed: run.failed }), { bad: true });
  if (!before) return;
  if (run.status === "running") client.setQueryData<RunPageData>(["runs", "one", run.id], { ...before, ...run });
  else void client.invalidateQueries({ queryKey: ["runs", "one", run.id] });
}
