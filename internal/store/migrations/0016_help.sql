-- What readers of the help centre tell: whether an article's version helped,
-- counted without who, and what they searched for and did not find.
CREATE TABLE help_votes (
  article_id TEXT NOT NULL,
  version    BIGINT NOT NULL,
  helped     BIGINT NOT NULL DEFAULT 0,
  not_helped BIGINT NOT NULL DEFAULT 0,
  voted_at   BIGINT NOT NULL,
  PRIMARY KEY (article_id, version)
) {strict};

CREATE TABLE help_misses (
  playbook  TEXT NOT NULL,
  lang      TEXT NOT NULL,
  body      TEXT NOT NULL, -- without personal data
  times     BIGINT NOT NULL,
  missed_at BIGINT NOT NULL,
  PRIMARY KEY (playbook, lang, body)
) {strict};

CREATE INDEX help_misses_newest ON help_misses (missed_at);
