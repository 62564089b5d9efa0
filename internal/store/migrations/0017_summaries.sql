-- What a model wrote of conversations, the newest in each language.
CREATE TABLE summaries (
  conversation_id TEXT NOT NULL,
  lang            TEXT NOT NULL,
  seq             BIGINT NOT NULL, -- of the newest thing that it knows
  lines           {json} NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, lang)
) {strict};

-- How conversations ended, without personal data: what dispositions and transfers
-- are learnt from.
CREATE TABLE outcomes (
  conversation_id TEXT PRIMARY KEY,
  playbook        TEXT NOT NULL,
  queue           TEXT NOT NULL,
  came_from       TEXT NOT NULL, -- the queue that it first waited in
  moved_to        TEXT NOT NULL, -- by an agent; empty: nowhere
  flows           {json} NOT NULL,
  words           TEXT NOT NULL,
  disposition     TEXT NOT NULL,
  at              BIGINT NOT NULL
) {strict};
CREATE INDEX outcomes_newest ON outcomes (playbook, at, conversation_id);
