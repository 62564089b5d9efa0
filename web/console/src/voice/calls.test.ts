import { describe, expect, it } from "vitest";
import { can, ownCall, withLive, withNews } from "./calls";
import { callTime, millis, mmss } from "./clock";
import type { CallNews, LiveCall, Party } from "./types";

const me: Party = { leg: "l1", role: "agent", agent: "me", name: "Me", state: "talking" };
const call = (c: Partial<CallNews> = {}): CallNews => ({ call_id: "a", state: "talking", direction: "in", number: "+49305550117", since: "2026-05-04T09:00:00Z", parties: [me], ...c });

describe("news of calls", () => {
  it("do not bring back what is over", () => {
    const over = withNews({}, "c", call({ state: "ended" }));
    expect(withNews(over, "c", call()).c.state).toBe("ended");
    expect(withNews(over, "c", call({ call_id: "b" })).c.call_id).toBe("b");
  });

  it("of an earlier call's end leave the one that is up alone", () => {
    const up = withNews({}, "c", call({ call_id: "b" }));
    expect(withNews(up, "c", call({ call_id: "a", state: "ended" }))).toBe(up);
  });

  it("that were overtaken on their way are passed over, but never the end", () => {
    const ringing: Party = { leg: "l2", role: "consult", name: "+4930", state: "ringing" };
    const now = withNews({}, "c", call({ rev: 3, parties: [me, { ...ringing, state: "talking" }] }));
    expect(withNews(now, "c", call({ rev: 2, parties: [me, ringing] }))).toBe(now);
    expect(withNews(now, "c", call({ rev: 4, parties: [me] })).c.parties).toEqual([me]);
    expect(withNews(now, "c", call({ state: "ended" })).c.state).toBe("ended");
  });

  it("from the list are taken for my own calls only", () => {
    const live = (id: string, p: Party[]): LiveCall => ({ ...call({ call_id: id, parties: p }), conversation_id: id, contact: "" });
    const got = withLive({}, [live("x", [me]), live("y", [])], (c) => Boolean(c.parties?.some((p) => p.agent === "me")));
    expect(Object.keys(got)).toEqual(["x"]);
  });
});

describe("my call", () => {
  it("is the one I talk in, before one that rings for me", () => {
    const ringing = call({ call_id: "r", parties: [{ ...me, role: "consult", state: "ringing" }] });
    expect(ownCall({ r: ringing, a: call() }, "me")?.call.call_id).toBe("a");
    expect(ownCall({ r: ringing }, "me")?.call.call_id).toBe("r");
  });

  it("is none once it ended, and none of somebody else's", () => {
    expect(ownCall({ a: call({ state: "ended" }) }, "me")).toBeUndefined();
    expect(ownCall({ a: call() }, "you")).toBeUndefined();
  });
});

describe("what can be done", () => {
  it("is nothing but hanging up before somebody answers", () => {
    expect(can(call({ state: "dialing" }), "me")).toMatchObject({ hold: false, keys: false, reach: false, hangup: true });
  });
  it("is settling a consultation while there is one", () => {
    const consult: Party = { leg: "l2", role: "consult", agent: "you", name: "You", state: "talking" };
    expect(can(call({ parties: [me, consult] }), "me")).toMatchObject({ settle: true, reach: false, hold: false, leave: false });
  });
  it("includes leaving when the others can go on", () => {
    const third: Party = { leg: "l2", role: "third", name: "+4930", state: "talking" };
    expect(can(call({ parties: [me, third] }), "me")).toMatchObject({ leave: true, settle: false });
    expect(can(call(), "me").leave).toBe(false);
  });
  it("leaves the call to its agent when one was only asked in", () => {
    const boss: Party = { leg: "l0", role: "agent", agent: "boss", name: "Boss", state: "talking" };
    const asked = can(call({ parties: [boss, { ...me, role: "consult" }] }), "me");
    expect(asked).toMatchObject({ hangup: false, mute: true, hold: false, settle: false, out: "cancel" });
    expect(can(call({ parties: [boss, { ...me, role: "third" }] }), "me").out).toBe("remove");
    expect(can(call({ parties: [boss, { ...me, role: "consult", state: "ringing" }] }), "me").mute).toBe(false);
  });
  it("does not count a silent listener as somebody who can go on", () => {
    expect(can(call({ parties: [me, { leg: "l3", role: "listener", agent: "boss", name: "Boss", state: "talking" }] }), "me").leave).toBe(false);
  });
});

describe("the clock of a call", () => {
  const at = Date.parse("2026-05-04T09:01:05Z");
  it("counts from when it came into its state", () => {
    expect(mmss(callTime(call(), at))).toBe("1:05");
    expect(callTime(call({ since: "0001-01-01T00:00:00Z" }), at)).toBe(0);
  });
  it("shows how long it lasted once it is over, and nothing when nobody answered", () => {
    const over = { state: "ended", since: "2026-05-04T10:02:30Z" } as const;
    expect(mmss(callTime(call({ ...over, answered: "2026-05-04T09:00:00Z" }), at))).toBe("1:02:30");
    expect(callTime(call(over), at)).toBe(0);
  });
  it("reads Go's durations", () => {
    expect(mmss(millis(7_400_000_000))).toBe("0:07");
    expect(millis(undefined)).toBe(0);
  });
});
