-- Scenarios, sets of questions and schedules; the finished cases of runs that
-- are under way, so that one which is cut off goes on.
CREATE TABLE eval_run_cases (
  run    TEXT NOT NULL REFERENCES eval_runs (id) ON DELETE CASCADE,
  key    TEXT NOT NULL,
  result {bytes} NOT NULL,
  PRIMARY KEY (run, key)
) {strict};

ALTER TABLE eval_runs ADD COLUMN flaky BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN allowed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN seed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN gate BIGINT NOT NULL DEFAULT 0;
ALTER TABLE eval_runs ADD COLUMN schedule TEXT NOT NULL DEFAULT '';

CREATE TABLE eval_scenarios (
  id         TEXT PRIMARY KEY,
  playbook   TEXT NOT NULL,
  name       TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('draft', 'active')),
  yaml       TEXT NOT NULL,
  source     TEXT NOT NULL DEFAULT '', -- the conversation that it was made of
  version    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL
) {strict};

CREATE INDEX eval_scenarios_of ON eval_scenarios (playbook, status, id);

CREATE TABLE eval_retrieval (
  playbook   TEXT NOT NULL,
  lang       TEXT NOT NULL,
  least      DOUBLE PRECISION NOT NULL DEFAULT 0,
  questions  {json} NOT NULL,
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (playbook, lang)
) {strict};

CREATE TABLE eval_schedules (
  id         TEXT PRIMARY KEY,
  playbook   TEXT NOT NULL,
  every      TEXT NOT NULL CHECK (every IN ('daily', 'weekly')),
  weekday    BIGINT NOT NULL DEFAULT 0, -- Sunday is 0
  clock      TEXT NOT NULL,             -- HH:MM in the zone
  zone       TEXT NOT NULL,
  times      BIGINT NOT NULL,
  active     BIGINT NOT NULL,
  next_at    BIGINT NOT NULL,
  last_run   TEXT NOT NULL DEFAULT '',
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL
) {strict};

CREATE INDEX eval_schedules_due ON eval_schedules (active, next_at);
