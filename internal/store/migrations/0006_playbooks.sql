-- Published playbooks: the files of each revision as they were published, what
-- was trained from them, and which revision is live.
CREATE TABLE playbooks (
  name         TEXT PRIMARY KEY,
  live         BIGINT NOT NULL,
  published_at BIGINT NOT NULL,
  published_by TEXT NOT NULL
) {strict};

CREATE TABLE playbook_revisions (
  playbook   TEXT NOT NULL,
  revision   BIGINT NOT NULL,
  title      {json} NOT NULL,
  langs      {json} NOT NULL,
  made_at    BIGINT NOT NULL,
  made_by    TEXT NOT NULL,
  note       TEXT NOT NULL,
  forced     BOOLEAN NOT NULL,
  passed     BIGINT NOT NULL,
  failed     BIGINT NOT NULL,
  digest     TEXT NOT NULL,
  model      {bytes} NOT NULL,
  PRIMARY KEY (playbook, revision)
) {strict};

CREATE TABLE playbook_files (
  playbook TEXT NOT NULL,
  revision BIGINT NOT NULL,
  path     TEXT NOT NULL,
  data     {bytes} NOT NULL,
  PRIMARY KEY (playbook, revision, path),
  FOREIGN KEY (playbook, revision) REFERENCES playbook_revisions (playbook, revision)
) {strict};
