import { describe, expect, it } from "vitest";
import { off, pause, type Phone, type PhoneEvent, refusal, step } from "./machine";

const play = (...events: PhoneEvent[]) => events.reduce(step, off);
const lost: PhoneEvent = { kind: "lost", problem: "network" };
const up: PhoneEvent[] = [{ kind: "use" }, { kind: "allowed" }, { kind: "connected" }];

describe("the phone of a browser", () => {
  it("asks for the microphone before it connects, and is ready when it has", () => {
    expect(play({ kind: "use" }).state).toBe("asking");
    expect(play({ kind: "use" }, { kind: "allowed" }).state).toBe("connecting");
    expect(play(...up)).toEqual({ state: "ready", failures: 0 });
  });

  it("does nothing on news that came too late", () => {
    expect(play({ kind: "connected" })).toEqual(off);
    expect(play(...up, { kind: "stop" }, lost)).toEqual(off);
    expect(play(...up, { kind: "stop" }, { kind: "refused", problem: "mic_denied" })).toEqual(off);
    expect(play(...up, { kind: "use" }).state).toBe("ready");
  });

  it("counts failures until it is ready again", () => {
    const again: PhoneEvent[] = [{ kind: "again" }, { kind: "allowed" }, lost];
    expect(play(...up, lost, ...again, ...again)).toEqual({ state: "waiting", problem: "network", failures: 3 });
    expect(play(...up, lost, { kind: "again" }, { kind: "allowed" }, { kind: "connected" }).failures).toBe(0);
  });

  it("is not ready while the microphone is refused, and asks again when told", () => {
    const refused = play({ kind: "use" }, { kind: "refused", problem: "mic_denied" });
    expect(refused).toEqual({ state: "waiting", problem: "mic_denied", failures: 0 });
    expect(step(refused, { kind: "again" }).state).toBe("asking");
  });
});

describe("the next try", () => {
  const waiting = (failures: number, problem: Phone["problem"] = "network"): Phone => ({ state: "waiting", problem, failures });
  it("comes soon, then later, and never later than half a minute", () => {
    expect(pause(waiting(1), 1)).toBe(500);
    expect(pause(waiting(3), 1)).toBe(2000);
    expect(pause(waiting(30), 1)).toBe(30_000);
    expect(pause(waiting(30), 0)).toBe(15_000);
  });
  it("does not come by itself when only the agent can help", () => {
    expect(pause(waiting(1, "mic_denied"))).toBeUndefined();
    expect(pause(waiting(1, "insecure"))).toBeUndefined();
    expect(pause({ state: "ready", failures: 0 })).toBeUndefined();
  });
});

it("tells a refused microphone from a missing and a busy one", () => {
  const named = (name: string) => refusal(Object.assign(new Error(), { name }));
  expect([named("NotAllowedError"), named("NotFoundError"), named("OverconstrainedError"), named("NotReadableError")]).toEqual(["mic_denied", "mic_missing", "mic_missing", "mic_busy"]);
});
