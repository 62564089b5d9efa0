-- Runs of suites and what they found.
CREATE TABLE eval_runs (
  id          TEXT PRIMARY KEY,
  playbook    TEXT NOT NULL,
  revision    BIGINT NOT NULL,
  times       BIGINT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('running', 'done', 'broken')),
  started_at  BIGINT NOT NULL,
  started_by  TEXT NOT NULL,
  finished_at BIGINT NOT NULL DEFAULT 0,
  done        BIGINT NOT NULL DEFAULT 0,
  total       BIGINT NOT NULL DEFAULT 0,
  passed      BIGINT NOT NULL DEFAULT 0,
  failed      BIGINT NOT NULL DEFAULT 0,
  error       TEXT NOT NULL DEFAULT '',
  report      {bytes}
) {strict};

CREATE INDEX eval_runs_of ON eval_runs (playbook, id);
