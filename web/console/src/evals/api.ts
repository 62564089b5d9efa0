import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../api/client";
import { client, listOf } from "../api/queries";
import type { ID, Page } from "../api/types";
import { running } from "./report";
import type { Comparison, Played, QuestionSet, Run, RunPageData, Scenario, ScenarioPage, Schedule, SuiteFile } from "./types";

/** While something runs, screens ask again in case the line is down; with the line up, frames come first. */
const AGAIN = 2000;

export const runsQuery = (playbook = "") =>
  infiniteQueryOptions({
    queryKey: ["runs", "list", playbook],
    queryFn: ({ pageParam }) => api.get<Page<Run>>("/api/evals/runs", { playbook, after: pageParam, limit: 30 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    refetchInterval: (q) => (q.state.data?.pages[0]?.items.some(running) ? AGAIN : false),
  });

/** The newest runs of a playbook, for its health and its trend. */
export const historyQuery = (playbook: string) =>
  queryOptions({
    queryKey: ["runs", "history", playbook],
    queryFn: async () => listOf<Run>(await api.get("/api/evals/runs", { playbook, limit: 30 })),
    refetchInterval: (q) => (q.state.data?.some(running) ? AGAIN : false),
  });

export const runQuery = (id: ID) =>
  queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: () => api.get<RunPageData>(`/api/evals/runs/${id}`),
    refetchInterval: (q) => (q.state.data && running(q.state.data) ? 1000 : false),
  });

export const compareQuery = (id: ID, other = "") =>
  queryOptions({
    queryKey: ["runs", "compare", id, other],
    queryFn: () => api.get<Comparison>(`/api/evals/runs/${id}/compare`, { with: other }),
    staleTime: 60_000,
  });

export const scenariosQuery = (playbook: string, status: string) =>
  infiniteQueryOptions({
    queryKey: ["scenarios", playbook, status],
    queryFn: ({ pageParam }) => api.get<Page<Scenario>>("/api/evals/scenarios", { playbook, status, after: pageParam, limit: 50 }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });

export const scenarioQuery = (id: ID) => queryOptions({ queryKey: ["scenario", id], queryFn: () => api.get<ScenarioPage>(`/api/evals/scenarios/${id}`), enabled: id !== "new", staleTime: Infinity });

export type SuiteText = { yaml: string } | { file: SuiteFile };

export const playScenario = (playbook: string, text: SuiteText, repeat = 1) => api.post<Played>("/api/evals/scenarios/play", { playbook, repeat, ...text }, { limit: 90_000 });

export const questionsQuery = queryOptions({ queryKey: ["question sets"], queryFn: async () => listOf<QuestionSet>(await api.get("/api/evals/retrieval")) });
export const schedulesQuery = queryOptions({ queryKey: ["schedules"], queryFn: async () => listOf<Schedule>(await api.get("/api/evals/schedules")) });

/** Starts a run and shows it in every list at once. */
export async function startRun(playbook: string, repeat = 1, revision = 0): Promise<Run> {
  const run = await api.post<Run>("/api/evals/runs", { playbook, repeat, revision: revision || undefined });
  void client.invalidateQueries({ queryKey: ["runs", "list"] });
  void client.invalidateQueries({ queryKey: ["runs", "history"] });
  return run;
}
