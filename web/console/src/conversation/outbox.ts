import type { Attachment, ID, Message } from "../api/types";

// What the agent said and the server does not have yet. A reply may be held
// for a few seconds, so that it can be taken back; what comes after it waits,
// so that order is kept; leaving sends at once.

export interface Draft {
  conversation: ID;
  text: string;
  private?: boolean;
  attachments?: Attachment[];
  suggestion?: ID;
  edited?: boolean;
}
export interface Outgoing extends Draft {
  client_id: string;
  state: "held" | "queued" | "sending" | "failed";
  /** Until when a held one can be taken back. */
  until: number;
  at: string;
  error?: unknown;
}

export interface Clock {
  now(): number;
  set(f: () => void, ms: number): unknown;
  clear(t: unknown): void;
}

interface Parts {
  send: (o: Outgoing, leaving: boolean) => Promise<Message>;
  sent: (o: Outgoing, m: Message) => void;
  changed: () => void;
  clock?: Clock;
  newID?: () => string;
}

const realClock: Clock = { now: () => Date.now(), set: (f, ms) => setTimeout(f, ms), clear: (t) => clearTimeout(t as ReturnType<typeof setTimeout>) };

export class Outbox {
  private items: Outgoing[] = [];
  private timers = new Map<string, unknown>();
  private readonly clock: Clock;

  constructor(private readonly parts: Parts) {
    this.clock = parts.clock ?? realClock;
  }

  list(): Outgoing[] {
    return this.items;
  }

  /** Takes a reply; it goes out after hold milliseconds unless it is taken back. */
  post(d: Draft, hold = 0): string {
    // Somebody who says more has made up his mind about what he said before.
    if (!d.private) this.release(d.conversation);
    const client_id = (this.parts.newID ?? (() => crypto.randomUUID()))();
    const until = this.clock.now() + hold;
    this.put([...this.items, { ...d, client_id, state: hold > 0 ? "held" : "queued", until, at: new Date(this.clock.now()).toISOString() }]);
    if (hold > 0) this.timers.set(client_id, this.clock.set(() => this.due(client_id), hold));
    else this.next(d.conversation);
    return client_id;
  }

  /** Takes a held reply back; undefined when it is too late. */
  undo(client_id: string): Draft | undefined {
    const o = this.items.find((x) => x.client_id === client_id);
    if (o?.state !== "held") return undefined;
    this.forget(client_id);
    return o;
  }

  /** The newest reply that can still be taken back. */
  undoable(conversation: ID): Outgoing | undefined {
    return this.items.findLast((o) => o.conversation === conversation && o.state === "held");
  }

  retry(client_id: string) {
    const o = this.items.find((x) => x.client_id === client_id);
    if (o?.state !== "failed") return;
    this.change(client_id, { state: "queued", error: undefined });
    this.next(o.conversation);
  }

  discard(client_id: string) {
    if (this.items.find((x) => x.client_id === client_id)?.state !== "sending") this.forget(client_id);
  }

  /** Sends what is held at once: the agent goes elsewhere, or the page closes. */
  release(conversation?: ID, leaving = false) {
    const touched = new Set<ID>();
    for (const o of this.items) {
      if (o.state !== "held" || (conversation && o.conversation !== conversation)) continue;
      this.clock.clear(this.timers.get(o.client_id));
      this.timers.delete(o.client_id);
      this.change(o.client_id, { state: "queued" });
      touched.add(o.conversation);
    }
    for (const c of touched) this.next(c, leaving);
  }

  private due(client_id: string) {
    this.timers.delete(client_id);
    const o = this.items.find((x) => x.client_id === client_id);
    if (o?.state !== "held") return;
    this.change(client_id, { state: "queued" });
    this.next(o.conversation);
  }

  private next(conversation: ID, leaving = false) {
    const mine = this.items.filter((o) => o.conversation === conversation);
    if (mine.some((o) => o.state === "sending")) return;
    const o = mine.find((x) => x.state === "queued");
    if (!o) return;
    this.change(o.client_id, { state: "sending" });
    this.parts.send(o, leaving).then(
      (m) => {
        this.forget(o.client_id);
        this.parts.sent(o, m);
        this.next(conversation, leaving);
      },
      (error: unknown) => {
        this.change(o.client_id, { state: "failed", error });
        this.next(conversation, leaving);
      },
    );
  }

  private change(client_id: string, patch: Partial<Outgoing>) {
    this.put(this.items.map((o) => (o.client_id === client_id ? { ...o, ...patch } : o)));
  }

  private forget(client_id: string) {
    this.clock.clear(this.timers.get(client_id));
    this.timers.delete(client_id);
    this.put(this.items.filter((o) => o.client_id !== client_id));
  }

  private put(items: Outgoing[]) {
    this.items = items;
    this.parts.changed();
  }
}
