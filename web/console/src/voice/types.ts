import type { ID, Lang, Text } from "../api/types";

// Calls as the server speaks of them.

export type CallState = "ringing" | "dialing" | "menu" | "queued" | "talking" | "ended";
export type PartyRole = "agent" | "consult" | "third" | "listener" | "whisperer" | "barger";

export interface Party {
  leg: ID;
  role: PartyRole;
  agent?: ID;
  /** Or number. */
  name: string;
  state: "ringing" | "talking" | "held";
  muted?: boolean;
}

export interface CallNews {
  call_id: ID;
  state: CallState;
  direction: "in" | "out";
  /** The customer's. */
  number: string;
  /** It is in its state since then. */
  since: string;
  answered?: string;
  /** The customer hears music. */
  held?: boolean;
  recording?: "on" | "paused" | "";
  parties?: Party[];
  /** Once ended. */
  cause?: string;
  /** The message that is being spoken. */
  saying?: ID;
  listening?: boolean;
  /** How many keys of an answer he has pressed; never which. */
  keys?: number;
  spoken?: boolean;
  voicemail?: boolean;
  /** Rises with each piece of news of the call. */
  rev?: number;
}

export interface LiveCall extends CallNews {
  conversation_id: ID;
  contact: string;
  queue?: string;
  node?: string;
  quality?: LegQuality[];
}

export type Verb =
  | "hangup" | "leave" | "hold" | "resume" | "mute" | "unmute" | "digits" | "transfer" | "consult" | "complete" | "merge" | "cancel"
  | "remove" | "pause" | "record" | "listen" | "whisper" | "barge" | "unlisten" | "pick_up";

export interface Command {
  verb: Verb;
  to?: string;
  agent?: ID;
  queue?: string;
  leg?: ID;
  digits?: string;
  note?: string;
}

export type Where = "browser" | "phone" | "number";
export interface Disposition {
  key: string;
  title: Text;
}
export interface VoiceInfo {
  enabled: boolean;
  /** Where telephones reach us. */
  sip?: string;
  /** Words are understood, not only keys. */
  ear?: boolean;
  where: Where;
  number?: string;
  phone_ready?: boolean;
  phones?: { user: string; registered: boolean }[];
  dispositions?: Disposition[];
}

/** How long, in nanoseconds, as Go counts. */
export type Nanos = number;

export interface LegQuality {
  role: string;
  codec: string;
  packets: number;
  loss_pct: number;
  jitter_ms: number;
  rtt_ms: number;
  mos: number;
}
export interface CallRecord {
  id: ID;
  conversation_id?: ID;
  contact_id?: ID;
  source: string;
  node?: string;
  direction: "in" | "out";
  from: string;
  to: string;
  trunk?: string;
  playbook?: string;
  queue?: string;
  agent_id?: ID;
  started_at: string;
  answered_at?: string;
  queued_at?: string;
  talked_at?: string;
  ended_at?: string;
  waited: Nanos;
  talked: Nanos;
  held_for: Nanos;
  cause?: { reason: string; sip?: number; q850?: number; by?: string };
  quality?: LegQuality[];
  recorded?: boolean;
}

export interface Span {
  from: number;
  to: number;
}
export interface Recording {
  id: ID;
  call_id: ID;
  conversation_id: ID;
  kind: "call" | "voicemail";
  at: string;
  seconds: number;
  pauses?: Span[];
  keep_until?: string;
}
export interface Peaks {
  left: number[];
  right: number[];
}

export interface Trunk {
  name: string;
  state: string;
  detail?: string;
  calls: number;
  limit: number;
}
export interface Prompt {
  name: string;
  lang: Lang | "";
  seconds?: number;
  size?: number;
  at?: string;
}
export interface SipPhone {
  user: string;
  agent_id?: ID;
  contact_id?: ID;
  label: string;
  registered?: boolean;
  created_at?: string;
  /** Where it registers. */
  server?: string;
  /** Only in the answer that made it. */
  password?: string;
}
export interface Webhook {
  id: ID;
  url: string;
  events: string[];
  active: boolean;
  /** Only in the answer that made it. */
  secret?: string;
  /** Nothing was taken since then. */
  failing_since?: string;
  /** Of the last failure, or why it was turned off. */
  reason?: string;
}
export const hookEvents = ["call.began", "call.answered", "call.queued", "call.talking", "call.ended", "recording.ready"] as const;
