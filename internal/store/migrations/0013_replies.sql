-- What agents answered before, without personal data; what the ledger learns by;
-- suggestions of other systems.
CREATE TABLE past_replies (
  id              TEXT PRIMARY KEY, -- of the message
  conversation_id TEXT NOT NULL,
  origin          TEXT NOT NULL, -- the key of what it was made from; empty: the agent's own words
  body            TEXT NOT NULL,
  lang            TEXT NOT NULL,
  situation       {json} NOT NULL,
  quality         DOUBLE PRECISION NOT NULL,
  withdrawn       BOOLEAN NOT NULL,
  at              BIGINT NOT NULL,
  learnt_at       BIGINT NOT NULL -- remembered or withdrawn then
) {strict};
CREATE INDEX past_replies_learnt ON past_replies (learnt_at, id);
CREATE INDEX past_replies_conversation ON past_replies (conversation_id);
CREATE INDEX past_replies_age ON past_replies (at, id);

-- When each agent first wrote to a customer.
CREATE TABLE agent_firsts (
  agent_id TEXT PRIMARY KEY,
  at       BIGINT NOT NULL
) {strict};
INSERT INTO agent_firsts (agent_id, at)
  SELECT author_id, min(at) FROM messages WHERE author_kind = 'agent' AND NOT private AND author_id <> '' GROUP BY author_id;

-- A suggestion may be made of more kinds of thing than an article or a reply;
-- which ones, the program knows.
CREATE TABLE suggestions_made (
  id              TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  message_id      TEXT NOT NULL,
  rank            BIGINT NOT NULL,
  kind            TEXT NOT NULL,
  article_id      TEXT NOT NULL DEFAULT '',
  canned_id       TEXT NOT NULL DEFAULT '',
  made_of         TEXT NOT NULL DEFAULT '', -- the key that the ledger learns by
  made_in         TEXT NOT NULL DEFAULT '', -- the sort of situation
  source          {json} NOT NULL,
  title           TEXT NOT NULL,
  label           TEXT NOT NULL DEFAULT '',
  url             TEXT NOT NULL DEFAULT '',
  times           BIGINT NOT NULL DEFAULT 0,
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
INSERT INTO suggestions_made (id, conversation_id, message_id, rank, kind, article_id, canned_id, made_of, source, title, body, lang, internal,
    confidence, state, reason, agent_id, final_text, similarity, shown_at, decided_at)
  SELECT id, conversation_id, message_id, rank, kind, article_id, canned_id,
    CASE WHEN kind = 'article' THEN 'article:' || article_id ELSE 'canned:' || canned_id END, source, title, body, lang, internal,
    confidence, state, reason, agent_id, final_text, similarity, shown_at, decided_at FROM suggestions;
DROP TABLE suggestions;
ALTER TABLE suggestions_made RENAME TO suggestions;

CREATE INDEX suggestions_open ON suggestions (conversation_id) WHERE state = 'shown';
CREATE INDEX suggestions_by_time ON suggestions (shown_at);
CREATE INDEX suggestions_by_article ON suggestions (article_id, shown_at) WHERE article_id <> '';
CREATE INDEX suggestions_by_canned ON suggestions (canned_id, shown_at) WHERE canned_id <> '';
CREATE INDEX suggestions_of ON suggestions (conversation_id, state);
CREATE INDEX suggestions_decided ON suggestions (decided_at, id) WHERE state <> 'shown';
