-- Beside the agent: replies written beforehand, and the ledger of what was
-- suggested and what became of it.
CREATE TABLE canned_replies (
  id         TEXT PRIMARY KEY,
  playbook   TEXT NOT NULL,
  key        TEXT NOT NULL,
  title      {json} NOT NULL,
  body       {json} NOT NULL,
  questions  {json} NOT NULL,
  fold       TEXT NOT NULL,
  version    BIGINT NOT NULL,
  origin     TEXT NOT NULL DEFAULT '',
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  UNIQUE (playbook, key)
) {strict};

CREATE TABLE suggestions (
  id              TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  message_id      TEXT NOT NULL,
  rank            BIGINT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('article', 'canned')),
  article_id      TEXT NOT NULL DEFAULT '',
  canned_id       TEXT NOT NULL DEFAULT '',
  source          {json} NOT NULL,
  title           TEXT NOT NULL,
  body            TEXT NOT NULL,
  lang            TEXT NOT NULL,
  internal        BOOLEAN NOT NULL,
  confidence      DOUBLE PRECISION NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('shown', 'sent', 'edited', 'ignored')),
  reason          TEXT NOT NULL DEFAULT '',
  agent_id        TEXT NOT NULL,
  final_text      TEXT NOT NULL DEFAULT '',
  similarity      DOUBLE PRECISION NOT NULL DEFAULT 0,
  shown_at        BIGINT NOT NULL,
  decided_at      BIGINT NOT NULL DEFAULT 0,
  UNIQUE (message_id, rank)
) {strict};

CREATE INDEX suggestions_open ON suggestions (conversation_id) WHERE state = 'shown';
CREATE INDEX suggestions_by_time ON suggestions (shown_at);
CREATE INDEX suggestions_by_article ON suggestions (article_id, shown_at) WHERE article_id <> '';
CREATE INDEX suggestions_by_canned ON suggestions (canned_id, shown_at) WHERE canned_id <> '';
