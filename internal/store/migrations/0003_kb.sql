-- What we know: articles, every version of them, and embeddings of their
-- texts. An article's row repeats of its newest version what lists look for.
CREATE TABLE articles (
  id                TEXT PRIMARY KEY,
  playbook          TEXT NOT NULL,
  slug              TEXT NOT NULL,
  lang              TEXT NOT NULL,
  status            TEXT NOT NULL CHECK (status IN ('draft', 'review', 'published', 'archived')),
  version           BIGINT NOT NULL,
  published_version BIGINT NOT NULL DEFAULT 0,
  fold              TEXT NOT NULL,
  tags_fold         TEXT NOT NULL,
  origin            TEXT NOT NULL DEFAULT '',
  rev               BIGINT NOT NULL,
  created_at        BIGINT NOT NULL,
  updated_at        BIGINT NOT NULL,
  updated_by        TEXT NOT NULL,
  UNIQUE (playbook, slug, lang)
) {strict};

CREATE INDEX articles_newest ON articles (updated_at, id);
CREATE INDEX articles_live ON articles (id) WHERE published_version > 0;

CREATE TABLE article_versions (
  article_id TEXT NOT NULL REFERENCES articles (id),
  version    BIGINT NOT NULL,
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  questions  {json} NOT NULL,
  tags       {json} NOT NULL,
  audience   TEXT NOT NULL CHECK (audience IN ('customers', 'agents')),
  valid_from BIGINT NOT NULL DEFAULT 0,
  valid_to   BIGINT NOT NULL DEFAULT 0,
  written_at BIGINT NOT NULL,
  written_by TEXT NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (article_id, version)
) {strict};

-- By the text's hash, so that what did not change is not embedded again.
CREATE TABLE embeddings (
  model   TEXT NOT NULL,
  hash    TEXT NOT NULL,
  packed  {bytes},
  made_at BIGINT NOT NULL,
  PRIMARY KEY (model, hash)
) {strict};

{if postgres}
-- Where pgvector is there the numbers are kept in a column of its type, else
-- packed as on SQLite.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS vector;
EXCEPTION WHEN OTHERS THEN
  NULL;
END $$;
DO $$
BEGIN
  IF to_regtype('vector') IS NOT NULL THEN
    ALTER TABLE embeddings ADD COLUMN numbers vector;
  END IF;
END $$;
{end}
