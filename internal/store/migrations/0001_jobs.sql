-- Durable work. A job is waiting, running (until its lease, which is then in
-- run_at, ends), done or failed.
CREATE TABLE jobs (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  args         {json} NOT NULL,
  uniq         TEXT,
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  run_at       BIGINT NOT NULL,
  lease_by     TEXT NOT NULL DEFAULT '',
  attempts     BIGINT NOT NULL DEFAULT 0,
  max_attempts BIGINT NOT NULL,
  last_error   TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  finished_at  BIGINT
) {strict};

CREATE INDEX jobs_due ON jobs (run_at) WHERE finished_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_failed ON jobs (id) WHERE state = 'failed';

-- At most one waiting job has a key, and none starts while another runs.
CREATE UNIQUE INDEX jobs_waiting ON jobs (uniq) WHERE uniq IS NOT NULL AND state = 'waiting';
CREATE INDEX jobs_running ON jobs (uniq) WHERE uniq IS NOT NULL AND state = 'running';

-- When each periodic job is due next; whoever moves next_at on enqueues it.
CREATE TABLE periodic_jobs (
  kind    TEXT PRIMARY KEY,
  next_at BIGINT NOT NULL
) {strict};
