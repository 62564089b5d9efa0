import type { Run } from "../evals/types";
import type { Agent, Event, HandOver, ID, InboxRow, Me, Offer, Status, Suggestion } from "../api/types";
import type { CallNews } from "../voice/types";

// The one connection to the server. It watches one conversation, remembers the
// number of the last event it saw, and after a break asks for what came since.

export type Frame =
  | { type: "hello"; me?: Me }
  | { type: "event"; event: Event }
  | { type: "inbox"; conversation_id: ID; status: Status; queue?: string; agent_id?: ID }
  | { type: "offer"; offer: Offer; row?: InboxRow; card?: HandOver | null }
  | { type: "offer_closed"; id: ID; state: string }
  | { type: "presence"; agent: Agent }
  | { type: "call"; conversation_id: ID; call: CallNews }
  | { type: "suggestions"; conversation_id: ID; message_id?: ID; items: Suggestion[] }
  | { type: "eval_run"; run: Run }
  | { type: "error"; error?: { code?: string; message?: string } }
  | { type: "pong" };

export type LiveState = "connecting" | "online" | "offline";

export interface Socket {
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface Clock {
  set(f: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

interface Parts {
  open: () => Socket;
  clock?: Clock;
  random?: () => number;
  onFrame: (frame: Frame) => void;
  onState?: (state: LiveState) => void;
  /** The connection is back after a break: what is shown may be stale. */
  onResume?: () => void;
}

const PING = 20_000;
const DEAD = 45_000;
const FIRST = 500;
const CAP = 30_000;

const realClock: Clock = {
  set: (f, ms) => setTimeout(f, ms),
  clear: (t) => clearTimeout(t as ReturnType<typeof setTimeout>),
};

export class Live {
  state: LiveState = "connecting";
  private socket: Socket | null = null;
  private watching: { conversation: ID; after: number } | null = null;
  private failures = 0;
  private opened = 0;
  private retry: unknown;
  private ping: unknown;
  private dead: unknown;
  private stopped = true;
  private readonly clock: Clock;

  constructor(private readonly parts: Parts) {
    this.clock = parts.clock ?? realClock;
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  stop() {
    this.stopped = true;
    this.watching = null;
    this.clock.clear(this.retry);
    this.drop();
  }

  /** Try at once instead of waiting for the next attempt: the network is back or somebody looks at the page. */
  nudge() {
    if (this.stopped || this.socket) return;
    this.clock.clear(this.retry);
    this.connect();
  }

  /** Events of the conversation with a number above after are wanted from now on. */
  watch(conversation: ID, after: number) {
    this.watching = { conversation, after };
    if (this.state === "online") this.send({ type: "watch", conversation, after });
  }

  unwatch(conversation: ID) {
    if (this.watching?.conversation !== conversation) return;
    this.watching = null;
    if (this.state === "online") this.send({ type: "unwatch", conversation });
  }

  /** The number of the last event seen, so that a screen that fetched by itself keeps in step. */
  seen(conversation: ID, seq: number) {
    if (this.watching?.conversation === conversation && seq > this.watching.after) this.watching.after = seq;
  }

  typing(conversation: ID, on: boolean) {
    if (this.state === "online") this.send({ type: "typing", conversation, on });
  }

  private connect() {
    this.set("connecting");
    const socket = this.parts.open();
    this.socket = socket;
    this.alive();
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.failures = 0;
      this.opened++;
      this.set("online");
      if (this.watching) this.send({ type: "watch", ...this.watching });
      if (this.opened > 1) this.parts.onResume?.();
      this.beat();
    };
    socket.onmessage = (e) => {
      if (this.socket !== socket) return;
      this.alive();
      const frame = parse(e.data);
      if (frame) this.take(frame);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private take(frame: Frame) {
    if (frame.type === "pong") return;
    if (frame.type === "event" && frame.event.seq) {
      const { conversation_id, seq } = frame.event;
      if (this.watching?.conversation === conversation_id) {
        if (seq <= this.watching.after) return; // came twice
        this.watching.after = seq;
      }
    }
    this.parts.onFrame(frame);
  }

  private lost() {
    this.drop();
    if (this.stopped) return;
    this.set("offline");
    const wait = Math.min(CAP, FIRST * 2 ** this.failures++) * (0.5 + (this.parts.random ?? Math.random)() / 2);
    this.retry = this.clock.set(() => this.connect(), wait);
  }

  private drop() {
    const socket = this.socket;
    this.socket = null;
    this.clock.clear(this.ping);
    this.clock.clear(this.dead);
    if (socket) {
      socket.onopen = socket.onclose = socket.onmessage = null;
      socket.close();
    }
  }

  private beat() {
    this.ping = this.clock.set(() => {
      this.send({ type: "ping" });
      this.beat();
    }, PING);
  }

  private alive() {
    this.clock.clear(this.dead);
    this.dead = this.clock.set(() => this.lost(), DEAD);
  }

  private send(frame: object) {
    this.socket?.send(JSON.stringify(frame));
  }

  private set(state: LiveState) {
    if (state === this.state) return;
    this.state = state;
    this.parts.onState?.(state);
  }
}

function parse(data: unknown): Frame | undefined {
  try {
    const f = JSON.parse(String(data)) as Frame;
    return f && typeof f.type === "string" ? f : undefined;
  } catch {
    return undefined;
  }
}
