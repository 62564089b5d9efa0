-- Calls: what they do to conversations, and what they leave behind.

ALTER TABLE conversations ADD COLUMN on_call    TEXT NOT NULL DEFAULT ''; -- the call that is up
ALTER TABLE conversations ADD COLUMN callback   {json};
ALTER TABLE conversations ADD COLUMN verified   BOOLEAN NOT NULL DEFAULT FALSE; -- he has proved in it who he is
ALTER TABLE conversations ADD COLUMN aside      {json}; -- where he is reached beside the phone
ALTER TABLE conversations ADD COLUMN abandoned  {json}; -- the place in line that he left by hanging up
ALTER TABLE conversations ADD COLUMN last_agent TEXT NOT NULL DEFAULT '';
CREATE INDEX conversations_on_call ON conversations (on_call) WHERE on_call <> '';
ALTER TABLE messages ADD COLUMN heard TEXT NOT NULL DEFAULT ''; -- how much of an interrupted one was heard
ALTER TABLE queues ADD COLUMN on_hold      {json} NOT NULL DEFAULT '{}';
ALTER TABLE queues ADD COLUMN dispositions {json} NOT NULL DEFAULT '[]';
ALTER TABLE agents ADD COLUMN takes_on TEXT NOT NULL DEFAULT 'browser'; -- where he takes calls: browser, phone, number
ALTER TABLE agents ADD COLUMN number   TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_phone ON contacts (phone) WHERE phone <> '';

-- Call detail records. One is open until ended_at is set, once.
CREATE TABLE calls (
  id              TEXT PRIMARY KEY,
  source          TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  contact_id      TEXT NOT NULL,
  node            TEXT NOT NULL,
  direction       TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  caller          TEXT NOT NULL,
  called          TEXT NOT NULL,
  trunk           TEXT NOT NULL,
  playbook        TEXT NOT NULL,
  queue           TEXT NOT NULL,
  agent_id        TEXT NOT NULL,
  started_at      BIGINT NOT NULL,
  answered_at     BIGINT NOT NULL,
  queued_at       BIGINT NOT NULL,
  talked_at       BIGINT NOT NULL,
  ended_at        BIGINT NOT NULL,
  waited          BIGINT NOT NULL, -- microseconds, as the next two
  talked          BIGINT NOT NULL,
  held_for        BIGINT NOT NULL,
  cause           {json} NOT NULL,
  quality         {json} NOT NULL,
  recorded        BOOLEAN NOT NULL,
  lease_at        BIGINT NOT NULL, -- its node was alive then
  search          TEXT NOT NULL    -- the numbers
) {strict};
CREATE INDEX calls_recent ON calls (started_at DESC, id DESC);
CREATE INDEX calls_conversation ON calls (conversation_id, started_at) WHERE conversation_id <> '';
CREATE INDEX calls_contact ON calls (contact_id, started_at) WHERE contact_id <> '';
CREATE INDEX calls_open ON calls (lease_at) WHERE ended_at = 0;
CREATE INDEX calls_node ON calls (node) WHERE ended_at = 0;

CREATE TABLE recordings (
  id              TEXT PRIMARY KEY,
  call_id         TEXT NOT NULL,
  conversation_id TEXT NOT NULL,
  path            TEXT NOT NULL, -- below the folder of recordings
  at              BIGINT NOT NULL,
  seconds         DOUBLE PRECISION NOT NULL,
  kind            TEXT NOT NULL,
  pauses          {json} NOT NULL,
  keep_until      BIGINT NOT NULL -- 0: until somebody deletes it
) {strict};
CREATE INDEX recordings_call ON recordings (call_id);
CREATE INDEX recordings_conversation ON recordings (conversation_id, at);
CREATE INDEX recordings_due ON recordings (keep_until) WHERE keep_until > 0;

-- Uploaded prompts; lang is empty for one that serves every language.
CREATE TABLE prompts (
  name       TEXT NOT NULL,
  lang       TEXT NOT NULL,
  path       TEXT NOT NULL, -- below the folder of prompts
  seconds    DOUBLE PRECISION NOT NULL,
  size       BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (name, lang)
) {strict};

-- Who may register a phone. The password itself is not kept.
CREATE TABLE sip_accounts (
  name       TEXT PRIMARY KEY, -- the user part of its address
  realm      TEXT NOT NULL,    -- that the digests were made for
  ha1_md5    TEXT NOT NULL,
  ha1_sha256 TEXT NOT NULL,
  agent_id   TEXT NOT NULL,
  contact_id TEXT NOT NULL,
  label      TEXT NOT NULL,
  created_at BIGINT NOT NULL
) {strict};
CREATE INDEX sip_accounts_agent ON sip_accounts (agent_id) WHERE agent_id <> '';

CREATE TABLE sip_bindings (
  name       TEXT NOT NULL,
  uri        TEXT NOT NULL, -- its own address, as it said
  source     TEXT NOT NULL, -- the address it registered from
  transport  TEXT NOT NULL,
  path       TEXT NOT NULL,
  call_id    TEXT NOT NULL,
  cseq       BIGINT NOT NULL,
  node       TEXT NOT NULL, -- that holds its connection
  agent      TEXT NOT NULL, -- what it calls itself
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (name, uri)
) {strict};
CREATE INDEX sip_bindings_expire ON sip_bindings (expires_at);

-- Addresses that are told of events. Each delivery is a job.
CREATE TABLE webhooks (
  id            TEXT PRIMARY KEY,
  url           TEXT NOT NULL,
  events        {json} NOT NULL,
  secret        TEXT NOT NULL,
  active        BOOLEAN NOT NULL,
  failing_since BIGINT NOT NULL,
  reason        TEXT NOT NULL, -- of the last failure
  created_at    BIGINT NOT NULL,
  updated_at    BIGINT NOT NULL
) {strict};
