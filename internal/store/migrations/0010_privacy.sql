-- What was said to language models and what they said, personal data hidden.
CREATE TABLE model_exchanges (
  id                TEXT PRIMARY KEY, -- in the order of time
  at                BIGINT NOT NULL,
  purpose           TEXT NOT NULL,
  conversation_id   TEXT NOT NULL, -- empty: of none; it may be gone
  model             TEXT NOT NULL,
  prompt            {json} NOT NULL, -- the messages; none where nothing was sent
  answer            TEXT NOT NULL,
  prompt_tokens     BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  took_us           BIGINT NOT NULL,
  error             TEXT NOT NULL
) {strict};
CREATE INDEX model_exchanges_of ON model_exchanges (conversation_id, id) WHERE conversation_id <> '';
CREATE INDEX model_exchanges_age ON model_exchanges (at);
