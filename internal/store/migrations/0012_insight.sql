-- What editors should look at. Everything said is without personal data.
CREATE TABLE insight_marks ( -- how far the gathering has come
  name TEXT PRIMARY KEY,
  at   BIGINT NOT NULL,
  id   TEXT NOT NULL
) {strict};

CREATE TABLE insight_asks (
  id              TEXT PRIMARY KEY, -- of the message, or made of what was searched for
  question_id     TEXT NOT NULL DEFAULT '',
  playbook        TEXT NOT NULL,
  lang            TEXT NOT NULL,
  body            TEXT NOT NULL,
  outcome         TEXT NOT NULL,
  article         TEXT NOT NULL, -- slug of what answered
  conversation_id TEXT NOT NULL,
  times           BIGINT NOT NULL,
  at              BIGINT NOT NULL
) {strict};
CREATE INDEX insight_asks_newest ON insight_asks (at, id);
CREATE INDEX insight_asks_question ON insight_asks (question_id, at) WHERE question_id <> '';
CREATE INDEX insight_asks_conversation ON insight_asks (conversation_id) WHERE conversation_id <> '';

CREATE TABLE insight_questions (
  id         TEXT PRIMARY KEY,
  playbook   TEXT NOT NULL,
  label      TEXT NOT NULL,
  fold       TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'dismissed', 'linked', 'drafted', 'answered')),
  article_id TEXT NOT NULL DEFAULT '', -- that it was linked to, or drafted as
  asked      BIGINT NOT NULL,
  recent     BIGINT NOT NULL,
  earlier    BIGINT NOT NULL,
  outcomes   {json} NOT NULL,
  langs      {json} NOT NULL,
  nearest    {json},
  first_at   BIGINT NOT NULL,
  last_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by TEXT NOT NULL
) {strict};
CREATE INDEX insight_questions_most ON insight_questions (status, asked, id);

CREATE TABLE insight_pairs (
  id         TEXT PRIMARY KEY, -- of the two texts: an edit makes another pair
  kind       TEXT NOT NULL CHECK (kind IN ('duplicate', 'contradiction')),
  playbook   TEXT NOT NULL,
  lang       TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'dismissed')),
  score      DOUBLE PRECISION NOT NULL,
  why        TEXT NOT NULL,
  one        {json} NOT NULL,
  other      {json} NOT NULL,
  checked    TEXT NOT NULL DEFAULT '', -- what a model said of it
  found_at   BIGINT NOT NULL,
  changed_by TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX insight_pairs_most ON insight_pairs (status, score, id);

CREATE TABLE insight_drafts (
  id         TEXT PRIMARY KEY,
  playbook   TEXT NOT NULL,
  lang       TEXT NOT NULL,
  status     TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'dismissed')),
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  questions  {json} NOT NULL,
  replies    {json} NOT NULL,
  quality    DOUBLE PRECISION NOT NULL,
  article_id TEXT NOT NULL DEFAULT '',
  last_at    BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  changed_by TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX insight_drafts_newest ON insight_drafts (status, last_at, id);

-- Reviews of articles, and what is to be published or taken out later.
CREATE TABLE article_comments (
  id         TEXT PRIMARY KEY,
  article_id TEXT NOT NULL REFERENCES articles (id),
  version    BIGINT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('comment', 'returned', 'approved')),
  body       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  author_id  TEXT NOT NULL,
  author     TEXT NOT NULL
) {strict};
CREATE INDEX article_comments_newest ON article_comments (article_id, id);

CREATE TABLE article_reviews (
  article_id   TEXT PRIMARY KEY REFERENCES articles (id),
  version      BIGINT NOT NULL,
  reviewer     TEXT NOT NULL, -- a user's id; empty: whoever may
  requested_by TEXT NOT NULL,
  requested    TEXT NOT NULL, -- his name
  note         TEXT NOT NULL,
  at           BIGINT NOT NULL
) {strict};

CREATE TABLE article_schedules (
  id         TEXT PRIMARY KEY,
  article_id TEXT NOT NULL REFERENCES articles (id),
  action     TEXT NOT NULL CHECK (action IN ('publish', 'unpublish')),
  version    BIGINT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('planned', 'done', 'failed', 'cancelled')),
  problem    TEXT NOT NULL DEFAULT '',
  at         BIGINT NOT NULL,
  made_at    BIGINT NOT NULL,
  made_by    TEXT NOT NULL
) {strict};
CREATE UNIQUE INDEX article_schedules_planned ON article_schedules (article_id, action) WHERE state = 'planned';
CREATE INDEX article_schedules_of ON article_schedules (article_id, id);
