import type { CallNews, Disposition } from "../voice/types";

// The JSON the server speaks. The names are those of the desk package.

export type ID = string;
export type Lang = "en" | "zh";
export type Role = "owner" | "supervisor" | "agent" | "editor" | "evaluator";
export type Presence = "available" | "busy" | "away" | "offline";
export type Status = "automated" | "waiting" | "offered" | "assigned" | "parked" | "closed";
export type Text = Partial<Record<Lang | "", string>> | string;

export interface Agent {
  id: ID;
  name: string;
  presence: Presence;
  connected: boolean;
  skills?: string[];
  queues?: string[];
  load: number;
  idle_since?: string;
  seen_at?: string;
}

export interface Me {
  id: ID;
  name: string;
  email: string;
  roles: Role[];
  permissions: string[];
  lang?: Lang | "";
  theme?: Theme | "";
  agent?: Agent;
}
export type Theme = "light" | "dark" | "auto";

export interface Queue {
  name: string;
  title: Text;
  skills?: string[];
  priority: number;
  playbook?: string;
  on_hold?: OnHold;
  dispositions?: Disposition[];
}
/** What somebody who waits hears, and sees on the page beside the call. */
export interface OnHold {
  announce?: Text;
  prompts?: Partial<Record<Lang, string>>;
  every?: number;
  music?: string;
  callback?: boolean;
  voicemail?: boolean;
  picture?: string;
  video?: string;
}
export interface QueueRow extends Queue {
  waiting: number;
  oldest_since?: string;
  agents_on: number;
}

export interface Offer {
  id: ID;
  conversation_id: ID;
  agent_id: ID;
  state: "open" | "accepted" | "declined" | "expired" | "revoked";
  at: string;
  expires_at: string;
}
export interface OfferCard {
  offer: Offer;
  row?: InboxRow;
  card?: HandOver | null;
}

export interface Place {
  position: number;
  wait: number;
  known: boolean;
  anyone_on: boolean;
}

export interface Identity {
  channel: string;
  address: string;
}
export interface Contact {
  id: ID;
  name: string;
  email?: string;
  phone?: string;
  lang: Lang;
  verified: boolean;
  attributes?: Record<string, string>;
  tags?: string[];
  identities?: Identity[];
  created_at: string;
  updated_at: string;
}
export interface PageView {
  url: string;
  title: string;
  at: string;
}

export interface Fact {
  key: string;
  label: string;
  value: string;
}
export interface HandOver {
  reason: string;
  wants: string;
  facts?: Fact[];
  summary?: string[];
  edited?: { changed: number; removed: number };
}

export interface Input {
  slot: string;
  type: string;
  optional?: boolean;
  sensitive?: boolean;
}

/** A promise to call somebody. */
export interface Callback {
  phone: string;
  at?: string;
  tries?: number;
  result?: string;
}

export interface Conversation {
  id: ID;
  contact_id: ID;
  status: Status;
  subject: string;
  channel: string;
  address: string;
  lang: Lang;
  playbook: string;
  revision: number;
  responder: string;
  asking?: Input;
  /** The phone call that is up now. */
  on_call?: ID;
  callback?: Callback;
  /** He has proved in this conversation who he is. */
  verified?: boolean;
  queue?: string;
  skills?: string[];
  priority: number;
  agent_id?: ID;
  hand_over?: HandOver;
  seq: number;
  customer_seq: number;
  agent_seq: number;
  version: number;
  rating?: number;
  rating_note?: string;
  disposition?: string;
  created_at: string;
  updated_at: string;
  waiting_since?: string;
  last_customer_at?: string;
  last_reply_at?: string;
  assigned_at?: string;
  parked_until?: string;
  closed_at?: string;
}

export type AuthorKind = "customer" | "bot" | "agent" | "system";
export interface Author {
  kind: AuthorKind;
  id?: ID;
  name?: string;
}
export type Delivery = "received" | "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

export interface Pick {
  verb: string;
  target?: string;
  slot?: string;
  value?: string;
}
export interface Option {
  id: string;
  key?: string;
  label: string;
  hint?: string;
  icon?: string;
  nav?: boolean;
  pick: Pick;
}
export interface Card {
  title: string;
  subtitle?: string;
  image_url?: string;
  lines?: { label: string; value: string; edit?: Option }[];
}
export interface Attachment {
  id: ID;
  name: string;
  type: string;
  size: number;
  url: string;
}
export interface Source {
  article_id: ID;
  slug: string;
  title: string;
  version: number;
}
export interface Content {
  text?: string;
  markdown?: boolean;
  options?: Option[];
  menu?: string;
  card?: Card;
  attachments?: Attachment[];
  location?: { lat: number; lon: number; label?: string };
  input?: Input;
  sources?: Source[];
  hand_over?: HandOver;
  picked?: Pick;
  masked?: boolean;
  command?: string;
}
export interface Message {
  id: ID;
  conversation_id: ID;
  seq: number;
  author: Author;
  channel: string;
  content: Content;
  private?: boolean;
  external_id?: string;
  delivery?: Delivery;
  error?: string;
  /** Spoken and interrupted: how much of the text was heard. */
  heard?: string;
  at: string;
}

export interface Mark {
  kind: string;
  flow?: string;
  slot?: string;
  value?: string;
  data?: Record<string, string>;
}
export interface StatusChange {
  from: Status | "";
  to: Status;
  queue?: string;
  agent?: Author;
  reason?: string;
}
interface EventOf<K extends string, D> {
  id?: ID;
  conversation_id: ID;
  seq?: number;
  kind: K;
  data: D;
  at: string;
}
export type Event =
  | EventOf<"message", Message>
  | EventOf<"status", StatusChange>
  | EventOf<"mark", Mark>
  | EventOf<"delivery", { message_id: ID; delivery: Delivery; error?: string; heard?: string }>
  | EventOf<"read", { by: AuthorKind; seq: number }>
  | EventOf<"typing", { by: AuthorKind; id?: ID; name?: string; on: boolean }>
  | EventOf<"place", Place>
  | EventOf<"call", CallNews>
  | EventOf<"row", undefined>;

export interface Suggestion {
  id: ID;
  conversation_id: ID;
  message_id: ID;
  text: string;
  lang?: Lang;
  kind: "article" | "canned" | "past" | "external";
  source?: Source | null;
  title?: string;
  canned_id?: ID;
  /** From an article for agents only: to read, not to send as it is. */
  internal?: boolean;
  /** How often agents said it. */
  times?: number;
  /** Who suggests it, of another system, and where more is to be read. */
  label?: string;
  url?: string;
  confidence: number;
  rank: number;
}

export type Tab = "mine" | "queues" | "all" | "closed";
export interface InboxRow {
  id: ID;
  status: Status;
  subject: string;
  contact: { id: ID; name: string };
  channel: string;
  /** The customer's there. */
  address?: string;
  lang: Lang;
  queue?: string;
  agent?: { id: ID; name: string } | null;
  preview: string;
  preview_by?: AuthorKind | "";
  last_at: string;
  waiting_since?: string;
  unread: number;
  priority: number;
  version: number;
}
export interface Counts {
  mine: number;
  queues: number;
  all: number;
  by_queue?: Record<string, number>;
}
export interface Opened {
  conversation: Conversation;
  contact: Contact;
  events: Event[];
  suggestions?: Suggestion[];
  place?: Place | null;
}
export interface ContactPage {
  contact: Contact;
  journey: { conversations: Conversation[]; pages: PageView[] };
}

export type ArticleStatus = "draft" | "review" | "published" | "archived";
export type Audience = "customers" | "agents";
export interface ArticleContent {
  title: string;
  body: string;
  questions?: string[];
  tags?: string[];
  audience: Audience;
  valid_from?: string;
  valid_to?: string;
}
export interface Article extends ArticleContent {
  id: ID;
  playbook?: string;
  slug: string;
  lang: Lang;
  status: ArticleStatus;
  version: number;
  published_version: number;
  updated_at: string;
  updated_by: string;
}
export interface ArticleVersion extends ArticleContent {
  version: number;
  at: string;
  by: string;
  note?: string;
}
export interface Hit {
  source: Source;
  lang: Lang;
  audience?: Audience;
  heading?: string;
  text: string;
  question?: string;
  score: number;
  confidence: number;
}
export interface Canned {
  id: ID;
  key: string;
  title: Text;
  text: Text;
}

export interface PlaybookRow {
  name: string;
  title: Text;
  live_revision: number;
  published_at?: string;
  langs?: Lang[];
}
export interface Revision {
  revision: number;
  at: string;
  by?: string;
  forced?: boolean;
  note?: string;
  passed?: number;
  failed?: number;
}
export interface PlaybookPage {
  name: string;
  live_revision: number;
  revisions: Revision[];
  files: { path: string; size: number }[];
}
export interface Problem {
  file: string;
  line: number;
  column: number;
  message: string;
}
export interface Tried {
  hand_over?: HandOver;
  queue?: string;
  messages: Content[];
  marks: Mark[];
  state: unknown;
  status: Status;
}

export interface User {
  id: ID;
  name: string;
  email: string;
  roles: Role[];
  skills?: string[];
  queues?: string[];
  disabled?: boolean;
  created_at?: string;
  seen_at?: string;
}
export interface Token {
  id: ID;
  user_id: ID;
  name: string;
  roles: Role[];
  created_at: string;
  used_at?: string;
  expires_at?: string;
  /** Only in the answer that made it. */
  secret?: string;
}
export interface AuditRow {
  id: ID;
  at: string;
  user_id?: ID;
  user_name?: string;
  action: string;
  target?: string;
  address?: string;
  outcome: string;
}

export interface Page<T> {
  items: T[];
  next: string;
}
