-- Who reaches us, what is said, who answers. Only routing writes here.

CREATE TABLE contacts (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  email      TEXT NOT NULL,
  phone      TEXT NOT NULL,
  lang       TEXT NOT NULL,
  verified   BOOLEAN NOT NULL,
  attributes {json} NOT NULL,
  tags       {json} NOT NULL,
  search     TEXT NOT NULL, -- name, email and phone, folded
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
) {strict};
CREATE INDEX contacts_recent ON contacts (updated_at DESC, id DESC);

CREATE TABLE identities (
  channel    TEXT NOT NULL,
  address    TEXT NOT NULL,
  contact_id TEXT NOT NULL REFERENCES contacts (id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (channel, address)
) {strict};
CREATE INDEX identities_contact ON identities (contact_id);

-- The newest page views of each contact.
CREATE TABLE pages (
  id         TEXT PRIMARY KEY,
  contact_id TEXT NOT NULL REFERENCES contacts (id),
  url        TEXT NOT NULL,
  title      TEXT NOT NULL,
  at         BIGINT NOT NULL
) {strict};
CREATE INDEX pages_contact ON pages (contact_id, at DESC, id DESC);

CREATE TABLE queues (
  name     TEXT PRIMARY KEY,
  title    {json} NOT NULL,
  skills   {json} NOT NULL,
  priority BIGINT NOT NULL,
  playbook TEXT NOT NULL
) {strict};

CREATE TABLE agents (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,
  active      BOOLEAN NOT NULL,
  presence    TEXT NOT NULL CHECK (presence IN ('available', 'busy', 'away', 'offline')),
  skills      {json} NOT NULL,
  queues      {json} NOT NULL,
  missed      BIGINT NOT NULL, -- offers that timed out in a row
  away_reason TEXT NOT NULL,
  idle_since  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL,
  gone_at     BIGINT NOT NULL  -- his last console was lost then; 0 while one is open
) {strict};

-- How many consoles of an agent each node serves.
CREATE TABLE consoles (
  agent_id TEXT NOT NULL REFERENCES agents (id),
  node     TEXT NOT NULL,
  open     BIGINT NOT NULL,
  seen_at  BIGINT NOT NULL,
  PRIMARY KEY (agent_id, node)
) {strict};

CREATE TABLE conversations (
  id               TEXT PRIMARY KEY,
  contact_id       TEXT NOT NULL REFERENCES contacts (id),
  status           TEXT NOT NULL CHECK (status IN ('automated', 'waiting', 'offered', 'assigned', 'parked', 'closed')),
  subject          TEXT NOT NULL,
  channel          TEXT NOT NULL,
  address          TEXT NOT NULL,
  lang             TEXT NOT NULL,
  playbook         TEXT NOT NULL,
  revision         BIGINT NOT NULL,
  responder        TEXT NOT NULL,
  states           {json} NOT NULL,
  asking           {json},
  call             {json},
  queue            TEXT NOT NULL,
  skills           {json} NOT NULL,
  priority         BIGINT NOT NULL,
  agent_id         TEXT NOT NULL,
  hand_over        {json},
  seq              BIGINT NOT NULL, -- of the newest message or event
  answered_seq     BIGINT NOT NULL,
  heard_seq        BIGINT NOT NULL, -- of the newest customer message
  customer_seq     BIGINT NOT NULL,
  agent_seq        BIGINT NOT NULL,
  unread           BIGINT NOT NULL,
  replied          BOOLEAN NOT NULL,
  passed           {json} NOT NULL, -- agents who let it go by in this round of offers
  prefer           TEXT NOT NULL,
  offer_after      BIGINT NOT NULL,
  cost             BIGINT NOT NULL, -- of an agent's capacity
  preview          TEXT NOT NULL,
  preview_by       TEXT NOT NULL,
  rating           BIGINT NOT NULL,
  rating_note      TEXT NOT NULL,
  disposition      TEXT NOT NULL,
  version          BIGINT NOT NULL,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL,
  last_at          BIGINT NOT NULL, -- of the newest message
  waiting_since    BIGINT NOT NULL,
  last_customer_at BIGINT NOT NULL,
  last_reply_at    BIGINT NOT NULL,
  assigned_at      BIGINT NOT NULL,
  parked_until     BIGINT NOT NULL,
  closed_at        BIGINT NOT NULL,
  indexed_seq      BIGINT NOT NULL DEFAULT 0 -- findable up to here
) {strict};

-- A contact has one open conversation on a playbook.
CREATE UNIQUE INDEX conversations_open ON conversations (contact_id, playbook) WHERE status <> 'closed';
CREATE INDEX conversations_contact ON conversations (contact_id, created_at DESC, id DESC);
CREATE INDEX conversations_line ON conversations (queue, waiting_since) WHERE status IN ('waiting', 'offered');
CREATE INDEX conversations_waiting ON conversations (waiting_since, id) WHERE status IN ('waiting', 'offered');
CREATE INDEX conversations_held ON conversations (agent_id, last_at DESC, id DESC) WHERE status IN ('offered', 'assigned', 'parked');
CREATE INDEX conversations_live ON conversations (last_at DESC, id DESC) WHERE status <> 'closed';
CREATE INDEX conversations_closed ON conversations (last_at DESC, id DESC) WHERE status = 'closed';
CREATE INDEX conversations_taken ON conversations (queue, assigned_at DESC) WHERE assigned_at > 0;
CREATE INDEX conversations_parked ON conversations (parked_until) WHERE status = 'parked' AND parked_until > 0;
CREATE INDEX conversations_unanswered ON conversations (updated_at) WHERE status = 'automated' AND (heard_seq > answered_seq OR responder = '' OR call IS NOT NULL);
CREATE INDEX conversations_unindexed ON conversations (last_at) WHERE indexed_seq < seq;

CREATE TABLE messages (
  id              TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversations (id),
  seq             BIGINT NOT NULL,
  author_kind     TEXT NOT NULL CHECK (author_kind IN ('customer', 'bot', 'agent', 'system')),
  author_id       TEXT NOT NULL,
  author_name     TEXT NOT NULL,
  channel         TEXT NOT NULL,
  content         {json} NOT NULL,
  private         BOOLEAN NOT NULL,
  external_id     TEXT NOT NULL,
  source          TEXT, -- who sent it under which id of his own; a repeat is dropped
  delivery        TEXT NOT NULL,
  error           TEXT NOT NULL,
  tries           BIGINT NOT NULL DEFAULT 0,
  moved_at        BIGINT NOT NULL DEFAULT 0, -- delivery is as it is since then
  at              BIGINT NOT NULL
) {strict};
CREATE UNIQUE INDEX messages_order ON messages (conversation_id, seq);
CREATE UNIQUE INDEX messages_source ON messages (source) WHERE source IS NOT NULL;
CREATE INDEX messages_outgoing ON messages (conversation_id, seq) WHERE delivery IN ('queued', 'sending');

-- What has a place in a conversation's order beside its messages.
CREATE TABLE events (
  conversation_id TEXT NOT NULL REFERENCES conversations (id),
  seq             BIGINT NOT NULL,
  id              TEXT NOT NULL,
  kind            TEXT NOT NULL,
  data            {json} NOT NULL,
  at              BIGINT NOT NULL,
  PRIMARY KEY (conversation_id, seq)
) {strict};

CREATE TABLE offers (
  id              TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversations (id),
  agent_id        TEXT NOT NULL REFERENCES agents (id),
  state           TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'expired', 'revoked')),
  at              BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  ended_at        BIGINT NOT NULL DEFAULT 0
) {strict};
-- One open offer at a time, of a conversation and for an agent.
CREATE UNIQUE INDEX offers_of_conversation ON offers (conversation_id) WHERE state = 'open';
CREATE UNIQUE INDEX offers_for_agent ON offers (agent_id) WHERE state = 'open';
CREATE INDEX offers_history ON offers (conversation_id, at);

-- Which words, folded, occur in a conversation: for the inbox's search.
CREATE TABLE conversation_words (
  word            TEXT NOT NULL,
  conversation_id TEXT NOT NULL REFERENCES conversations (id),
  PRIMARY KEY (conversation_id, word) -- to probe a conversation
) {strict};
CREATE INDEX conversation_words_word ON conversation_words (word, conversation_id); -- to look a word up
