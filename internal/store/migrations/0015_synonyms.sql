-- Words that mean the same, by playbook and language; an empty playbook is for all.
CREATE TABLE synonyms (
  playbook   TEXT NOT NULL,
  lang       TEXT NOT NULL,
  version    BIGINT NOT NULL,
  list       TEXT NOT NULL,
  origin     TEXT NOT NULL DEFAULT '',
  updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  PRIMARY KEY (playbook, lang)
) {strict};
