import { beforeEach, describe, expect, it } from "vitest";
import type { Message } from "../api/types";
import { Outbox, type Outgoing } from "./outbox";

describe("Outbox", () => {
  let sent: { o: Outgoing; leaving: boolean; ok: (m?: Message) => void; fail: () => void }[];
  let timers: { at: number; f: () => void; id: number }[];
  let now: number;
  let box: Outbox;
  const pass = (ms: number) => {
    now += ms;
    for (const t of timers.filter((x) => x.at <= now)) {
      timers = timers.filter((x) => x !== t);
      t.f();
    }
  };
  const settle = () => new Promise((r) => setTimeout(r));

  beforeEach(() => {
    sent = [];
    timers = [];
    now = 0;
    let n = 0;
    box = new Outbox({
      send: (o, leaving) => new Promise((ok, no) => sent.push({ o, leaving, ok: (m = {} as Message) => ok(m), fail: () => no(new Error("down")) })),
      sent: () => {},
      changed: () => {},
      newID: () => `id${++n}`,
      clock: { now: () => now, set: (f, ms) => (timers.push({ at: now + ms, f, id: ++n }), n), clear: (id) => { timers = timers.filter((t) => t.id !== id); } },
    });
  });

  it("holds a reply for its time and then sends it", () => {
    box.post({ conversation: "c", text: "hi" }, 5000);
    pass(4999);
    expect(sent).toHaveLength(0);
    pass(1);
    expect(sent.map((s) => s.o.text)).toEqual(["hi"]);
  });

  it("takes a held reply back, whole, and never sends it", () => {
    const id = box.post({ conversation: "c", text: "hi", suggestion: "s1" }, 5000);
    expect(box.undo(id)).toMatchObject({ text: "hi", suggestion: "s1" });
    pass(10_000);
    expect(sent).toHaveLength(0);
    expect(box.list()).toHaveLength(0);
  });

  it("cannot take back what is on its way", () => {
    const id = box.post({ conversation: "c", text: "hi" }, 5000);
    pass(5000);
    expect(box.undo(id)).toBeUndefined();
  });

  it("sends at once on leaving", () => {
    box.post({ conversation: "c", text: "hi" }, 5000);
    box.release("c", true);
    expect(sent.map((s) => [s.o.text, s.leaving])).toEqual([["hi", true]]);
    pass(10_000);
    expect(sent).toHaveLength(1);
  });

  it("leaves the held reply of another conversation alone", () => {
    box.post({ conversation: "c", text: "hi" }, 5000);
    box.release("d");
    expect(sent).toHaveLength(0);
  });

  it("keeps the order when the agent says more", async () => {
    box.post({ conversation: "c", text: "one" }, 5000);
    box.post({ conversation: "c", text: "two" });
    expect(sent.map((s) => s.o.text)).toEqual(["one"]);
    sent[0].ok();
    await settle();
    expect(sent.map((s) => s.o.text)).toEqual(["one", "two"]);
  });

  it("keeps what failed, and sends it again with the same id", async () => {
    const id = box.post({ conversation: "c", text: "hi" });
    sent[0].fail();
    await settle();
    expect(box.list()[0]).toMatchObject({ client_id: id, state: "failed" });
    box.retry(id);
    expect(sent[1].o.client_id).toBe(id);
    sent[1].ok();
    await settle();
    expect(box.list()).toHaveLength(0);
  });
});
