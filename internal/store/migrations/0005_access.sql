-- Who may do what: users, their sessions and API tokens, the audit log, and
-- the secrets that every node shares.
CREATE TABLE users (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  email      TEXT NOT NULL UNIQUE,
  hash       TEXT NOT NULL,
  roles      {json} NOT NULL,
  is_owner   BOOLEAN NOT NULL,
  lang       TEXT NOT NULL,
  theme      TEXT NOT NULL,
  disabled   BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL DEFAULT 0
) {strict};

CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address    TEXT NOT NULL,
  agent      TEXT NOT NULL
) {strict};

CREATE INDEX sessions_of ON sessions (user_id);

CREATE TABLE tokens (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id),
  name       TEXT NOT NULL,
  roles      {json} NOT NULL,
  hash       TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL DEFAULT 0,
  used_at    BIGINT NOT NULL DEFAULT 0
) {strict};

CREATE TABLE audit (
  id        TEXT PRIMARY KEY,
  at        BIGINT NOT NULL,
  user_id   TEXT NOT NULL,
  user_name TEXT NOT NULL,
  action    TEXT NOT NULL,
  target    TEXT NOT NULL,
  address   TEXT NOT NULL,
  outcome   TEXT NOT NULL
) {strict};

CREATE TABLE secrets (
  name       TEXT PRIMARY KEY,
  value      {bytes} NOT NULL,
  created_at BIGINT NOT NULL
) {strict};

-- Files that customers and agents sent. Their bytes are in the data folder.
CREATE TABLE files (
  id         TEXT PRIMARY KEY,
  owner      TEXT NOT NULL, -- the contact or the user who sent it
  name       TEXT NOT NULL,
  type       TEXT NOT NULL,
  size       BIGINT NOT NULL,
  path       TEXT NOT NULL, -- within the folder of files
  created_at BIGINT NOT NULL
) {strict};
