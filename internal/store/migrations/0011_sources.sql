-- Where articles come from: sources, their runs, the pages they have, and the
-- addresses that a run over a site has still to visit.
CREATE TABLE kb_sources (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  settings   {json} NOT NULL,
  playbook   TEXT NOT NULL,
  lang       TEXT NOT NULL,
  audience   TEXT NOT NULL,
  publish    BOOLEAN NOT NULL,
  gone       TEXT NOT NULL,
  schedule   TEXT NOT NULL,
  next_at    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL
) {strict};
CREATE INDEX kb_sources_due ON kb_sources (next_at) WHERE next_at > 0;

CREATE TABLE kb_source_runs (
  id          TEXT PRIMARY KEY,
  source_id   TEXT NOT NULL REFERENCES kb_sources (id) ON DELETE CASCADE,
  mode        TEXT NOT NULL,
  status      TEXT NOT NULL,
  phase       TEXT NOT NULL,
  started_by  TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  beat_at     BIGINT NOT NULL,
  finished_at BIGINT NOT NULL,
  progress    {json} NOT NULL,
  error       TEXT NOT NULL
) {strict};
CREATE INDEX kb_source_runs_newest ON kb_source_runs (source_id, id);

-- An item's page is as it was last read; applied_* is what its article took
-- over, by which an editor's own changes are seen.
CREATE TABLE kb_source_items (
  source_id    TEXT NOT NULL REFERENCES kb_sources (id) ON DELETE CASCADE,
  id           TEXT NOT NULL,
  url          TEXT NOT NULL,
  fold         TEXT NOT NULL,
  state        TEXT NOT NULL,
  page         {json} NOT NULL,
  hash         TEXT NOT NULL,
  etag         TEXT NOT NULL,
  modified     TEXT NOT NULL,
  fetched_at   BIGINT NOT NULL,
  problems     {json} NOT NULL,
  article_id   TEXT NOT NULL,
  applied_at   BIGINT NOT NULL,
  applied_hash TEXT NOT NULL,
  applied_text TEXT NOT NULL,
  published    BOOLEAN NOT NULL,
  seen_run     TEXT NOT NULL,
  failed_run   TEXT NOT NULL,
  PRIMARY KEY (source_id, id)
) {strict};
CREATE INDEX kb_source_items_url ON kb_source_items (source_id, url);
CREATE INDEX kb_source_items_article ON kb_source_items (article_id) WHERE article_id <> '';

CREATE TABLE kb_source_spots (
  run_id TEXT NOT NULL REFERENCES kb_source_runs (id) ON DELETE CASCADE,
  url    TEXT NOT NULL,
  place  BIGINT NOT NULL,
  depth  BIGINT NOT NULL,
  done   BOOLEAN NOT NULL,
  PRIMARY KEY (run_id, url)
) {strict};
CREATE INDEX kb_source_spots_next ON kb_source_spots (run_id, place);
