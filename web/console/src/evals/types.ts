import type { ID, Lang } from "../api/types";

// What the server says of runs, scenarios, questions and schedules.

export type Mode = "text" | "taps" | "keys" | "audio";

export interface Run {
  id: ID;
  playbook: string;
  revision: number;
  repeat: number;
  seed?: number;
  status: "running" | "done" | "broken";
  at: string;
  by: string;
  schedule?: ID;
  finished_at?: string;
  done: number;
  total: number;
  passed: number;
  failed: number;
  allowed: number;
  flaky: number;
  skipped: number;
  tokens: number;
  gate_ok: boolean;
  error?: string;
}

export interface RunPageData extends Run {
  report?: Report | null;
  gate?: Gate | null;
  failing?: Reason[] | null;
}

export interface Gate {
  ok: boolean;
  reasons: Reason[];
}
export interface Reason {
  kind: "case" | "retrieval";
  suite: string;
  name: string;
  mode?: Mode;
  at?: string;
  why: string;
  flaky?: boolean;
  allowed?: boolean;
}

export interface Line {
  text?: string;
  menu?: string;
  options?: string[];
  card?: string[];
}
export interface Trouble {
  key: string;
  got: string;
  want: string;
}
export interface Turn {
  user?: string;
  tap?: string;
  /** In a call: what was understood of user. */
  heard?: string;
  line: number;
  bot?: Line[];
  marks?: string[];
  problems?: Trouble[];
  wanted?: string;
  got?: string;
  nearest?: { first: string; confidence: number; rank: number };
}
export interface Cost {
  calls: number;
  prompt_tokens: number;
  completion_tokens: number;
}
export interface Verdict {
  question: string;
  holds: boolean;
  why?: string;
  error?: string;
}
export interface CaseResult {
  suite: string;
  name: string;
  key: string;
  mode?: Mode;
  tags?: string[];
  skipped?: string;
  lang: Lang;
  file: string;
  line: number;
  runs: number;
  passes: number;
  took_ns: number;
  cost?: Cost;
  playing: { turns: Turn[] | null; verdicts?: Verdict[]; error?: string };
}
export interface Confusion {
  wanted: string;
  got: string;
  turns: number;
}
export interface Bin {
  from: number;
  to: number;
  turns: number;
  confidence: number;
  right: number;
}
export interface Understood {
  turns: number;
  right: number;
  confusion: Confusion[] | null;
  calibration?: Bin[] | null;
  calibration_error: number;
  candidates_at: number[] | null;
  guesses: number;
}
export interface Funnel {
  flow: string;
  steps: { step: string; dialogues: number }[] | null;
  ends: { after: string; how: string; dialogues: number }[] | null;
}
export interface Score {
  name: string;
  playbook: string;
  lang: Lang;
  asked: number;
  hit_at_1: number;
  hit_at_3: number;
  mrr_at_10: number;
  recall_at: number[] | null;
  withheld: number;
  least?: number;
  misses: Miss[];
}
export interface Miss {
  question: string;
  article: string;
  rank: number;
  got: string[];
}
export interface SuiteResult {
  name: string;
  file: string;
  passed: number;
  failed: number;
  skipped?: number;
  took_ns: number;
  cases: CaseResult[] | null;
}
export interface Report {
  playbook?: string;
  revision?: number;
  started_at: string;
  took_ns: number;
  repeat: number;
  cases: number;
  passed: number;
  failed: number;
  allowed?: number;
  flaky: number;
  skipped?: number;
  turns: number;
  cost?: Cost;
  pass_hat?: { k: number; rate: number }[] | null;
  langs?: { lang: Lang; cases: number; passed: number }[] | null;
  modes?: { mode: Mode | ""; cases: number; passed: number }[] | null;
  understood?: Understood;
  funnels?: Funnel[] | null;
  retrieval?: Score[] | null;
  suites: SuiteResult[];
}

export type Outcome = "passed" | "failed" | "flaky" | "skipped";
export interface Change {
  suite: string;
  name: string;
  mode?: Mode;
  was?: Outcome;
  now?: Outcome;
  why?: string;
  at?: string;
}
export interface Comparison {
  with: Run;
  better: Change[];
  worse: Change[];
  flaky: Change[];
  new: Change[];
  gone: Change[];
  same: number;
  retrieval: { name: string; lang: Lang; was_hit_at_1: number; now_hit_at_1: number; was_hit_at_3: number; now_hit_at_3: number; better: string[]; worse: string[] }[];
}

export type ScenarioStatus = "draft" | "active";
export interface Scenario {
  id: ID;
  playbook: string;
  name: string;
  status: ScenarioStatus;
  yaml: string;
  conversation_id?: ID;
  version: number;
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
}
export interface ScenarioPage extends Scenario {
  file?: SuiteFile | null;
  notes?: string[];
}

export interface Expect {
  flow?: string;
  completed?: string;
  cancelled?: string;
  slots?: Record<string, string>;
  offered?: string[];
  clarified?: string[];
  reaches?: string[];
  confirming?: boolean;
  called?: Record<string, Record<string, string>>;
  handed_over?: string;
  answered?: string;
  steered?: boolean;
  said?: string[];
  not_said?: string[];
  status?: string;
  menu?: string;
  refused?: string;
  asking?: string;
}
export interface StepFile {
  user?: string;
  tap?: string;
  expect?: Expect;
}
export interface ValueFile {
  value: string;
  say?: string[];
}
export interface GoalFile {
  flow?: string;
  slots?: Record<string, ValueFile>;
  opens?: string[];
  ask?: string;
  article?: string;
  queue?: string;
  asides?: string[];
}
export interface CustomerFile {
  by?: "rules" | "model";
  goal: GoalFile;
  style?: string[];
  persona?: string;
  patience?: number;
}
export interface CaseFile {
  name?: string;
  lang?: Lang;
  tags?: string[];
  as?: string[];
  open?: boolean;
  customer?: CustomerFile;
  turns?: StepFile[];
  expect?: Expect;
  judge?: string[];
}
export interface FakeFile {
  answer?: unknown;
  answers?: unknown[];
  error?: string;
}
export interface SuiteFile {
  version?: number;
  suite: string;
  now?: string;
  tools?: Record<string, FakeFile>;
  cases: CaseFile[];
}
export interface Played {
  yaml: string;
  report: Report;
  gate: Gate;
}

export interface Question {
  question: string;
  article: string;
}
export interface QuestionSet {
  name: string;
  playbook: string;
  lang: Lang;
  least?: number;
  questions: Question[];
  score?: Score | null;
}

export interface Schedule {
  id: ID;
  playbook: string;
  every: "daily" | "weekly";
  weekday: number;
  at: string;
  zone: string;
  repeat: number;
  active: boolean;
  next?: string;
  last_run?: ID;
  updated_by: string;
}
