import { beforeEach, describe, expect, it } from "vitest";
import { type Clock, type Frame, Live, type LiveState, type Socket } from "./live";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  sent: { type: string; [k: string]: unknown }[] = [];
  closed = false;
  send(data: string) {
    this.sent.push(JSON.parse(data));
  }
  close() {
    this.closed = true;
  }
  say(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

class FakeClock implements Clock {
  now = 0;
  private next = 1;
  private timers = new Map<number, { at: number; f: () => void }>();
  set(f: () => void, ms: number) {
    this.timers.set(this.next, { at: this.now + ms, f });
    return this.next++;
  }
  clear(id: unknown) {
    this.timers.delete(id as number);
  }
  pass(ms: number) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.now = due[1].at;
      due[1].f();
    }
    this.now = end;
  }
}

const message = (seq: number) => ({ type: "event", event: { conversation_id: "c1", seq, kind: "mark", data: { kind: "menu" }, at: "" } });

describe("Live", () => {
  let sockets: FakeSocket[];
  let frames: Frame[];
  let states: LiveState[];
  let resumed: number;
  let clock: FakeClock;
  let live: Live;

  beforeEach(() => {
    sockets = [];
    frames = [];
    states = [];
    resumed = 0;
    clock = new FakeClock();
    live = new Live({
      open: () => {
        const s = new FakeSocket();
        sockets.push(s);
        return s;
      },
      clock,
      random: () => 1,
      onFrame: (f) => frames.push(f),
      onState: (s) => states.push(s),
      onResume: () => resumed++,
    });
    live.start();
  });

  it("asks after a break for what came since the last event it saw", () => {
    sockets[0].onopen?.();
    live.watch("c1", 4);
    sockets[0].say(message(5));
    sockets[0].say(message(6));
    sockets[0].onclose?.();
    expect(states.at(-1)).toBe("offline");
    clock.pass(500);
    sockets[1].onopen?.();
    expect(sockets[1].sent).toEqual([{ type: "watch", conversation: "c1", after: 6 }]);
    expect(resumed).toBe(1);
    expect(states.at(-1)).toBe("online");
  });

  it("drops an event that comes twice", () => {
    sockets[0].onopen?.();
    live.watch("c1", 4);
    sockets[0].say(message(5));
    sockets[0].say(message(5));
    sockets[0].say(message(3));
    expect(frames).toHaveLength(1);
  });

  it("lets events without a number through", () => {
    sockets[0].onopen?.();
    live.watch("c1", 4);
    const typing = { type: "event", event: { conversation_id: "c1", kind: "typing", data: { by: "customer", on: true }, at: "" } };
    sockets[0].say(typing);
    sockets[0].say(typing);
    expect(frames).toHaveLength(2);
  });

  it("watches what was asked for while it was not connected", () => {
    live.watch("c2", 9);
    expect(sockets[0].sent).toEqual([]);
    sockets[0].onopen?.();
    expect(sockets[0].sent).toEqual([{ type: "watch", conversation: "c2", after: 9 }]);
  });

  it("waits longer after each failure, but never above the cap", () => {
    const opened: number[] = [];
    for (let i = 0; i < 10; i++) {
      sockets.at(-1)?.onclose?.();
      const n = sockets.length;
      const from = clock.now;
      while (sockets.length === n) clock.pass(100);
      opened.push(clock.now - from);
    }
    expect(opened.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...opened)).toBe(30_000);
  });

  it("counts a silent line as dead and opens a new one", () => {
    sockets[0].onopen?.();
    clock.pass(44_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0].sent.filter((f) => f.type === "ping")).toHaveLength(2);
    clock.pass(2_000);
    expect(sockets[0].closed).toBe(true);
    expect(sockets).toHaveLength(2);
  });

  it("tries at once when it is nudged, and only then", () => {
    sockets[0].onclose?.();
    live.nudge();
    expect(sockets).toHaveLength(2);
    live.nudge();
    clock.pass(10_000);
    expect(sockets).toHaveLength(2);
  });

  it("says nothing more once stopped", () => {
    sockets[0].onopen?.();
    live.stop();
    clock.pass(120_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0].closed).toBe(true);
  });
});
