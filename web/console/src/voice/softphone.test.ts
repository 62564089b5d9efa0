import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Softphone } from "./softphone";

// A browser that does as it is told.
class Track {
  enabled = true;
  stopped = false;
  constructor(readonly kind: string) {}
  stop() {
    this.stopped = true;
  }
}
class Stream {
  constructor(readonly tracks: Track[]) {}
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter((t) => t.kind === "audio");
  }
}
class Peer {
  static made: Peer[] = [];
  connectionState = "new";
  iceGatheringState = "complete";
  localDescription = { sdp: "offer" };
  onconnectionstatechange: (() => void) | null = null;
  ontrack = null;
  closed = false;
  sent: Record<string, Track | null> = { audio: null, video: null };
  transceivers = ["audio", "video"].map((kind) => ({ receiver: { track: { kind } }, sender: { transport: null, replaceTrack: async (t: Track | null) => void (this.sent[kind] = t) } }));
  offered: string[] = [];
  constructor() {
    Peer.made.push(this);
  }
  addTransceiver(kind: string, { direction }: { direction: string }) {
    this.offered.push(`${kind} ${direction}`);
    return this.transceivers.find((t) => t.receiver.track.kind === kind);
  }
  getTransceivers() {
    return this.transceivers;
  }
  async setLocalDescription() {}
  async setRemoteDescription() {}
  close() {
    this.closed = true;
  }
  be(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

let mic: () => Promise<Stream>;
let opened: Stream[];
let server: () => Promise<{ id: string; sdp: string }>;
const gone: string[] = [];
const make = () =>
  new Softphone({
    connect: () => server(),
    disconnect: (id) => void gone.push(id),
    media: { getUserMedia: async () => { const s = await mic(); opened.push(s); return s; }, enumerateDevices: async () => [{ kind: "audioinput" }] } as never,
    peer: () => new Peer() as never,
    constraints: () => ({}),
    heard: () => {},
    changed: () => {},
  });
const last = () => Peer.made.at(-1) as Peer;

beforeEach(() => {
  vi.useFakeTimers();
  Peer.made = [];
  opened = [];
  gone.length = 0;
  mic = async () => new Stream([new Track("audio")]);
  server = async () => ({ id: "p1", sdp: "answer" });
});
afterEach(() => void vi.useRealTimers());

const ready = async () => {
  const phone = make();
  await phone.use();
  last().be("connected");
  return phone;
};

describe("the softphone", () => {
  it("asks for the microphone at the agent's click, and closes it again", async () => {
    const phone = await ready();
    expect(phone.phone.state).toBe("ready");
    expect(last().offered).toEqual(["audio sendrecv", "video sendrecv"]);
    expect(opened.every((s) => s.tracks[0].stopped)).toBe(true);
    expect(last().sent.audio).toBeNull();
  });

  it("does not ask after a reload", async () => {
    const phone = make();
    await phone.resume();
    expect(opened).toEqual([]);
    expect(phone.phone.state).toBe("connecting");
  });

  it("sends the microphone during a call only", async () => {
    const phone = await ready();
    await phone.call(true);
    expect(last().sent.audio).toBe(opened.at(-1)?.tracks[0]);
    await phone.call(false);
    expect(last().sent.audio).toBeNull();
    expect(opened.at(-1)?.tracks[0].stopped).toBe(true);
  });

  it("closes a microphone that came when the call was over", async () => {
    const phone = await ready();
    let give: (s: Stream) => void = () => {};
    mic = () => new Promise((done) => (give = done));
    const calling = phone.call(true);
    await phone.call(false);
    const late = new Stream([new Track("audio")]);
    give(late);
    await calling;
    expect(late.tracks[0].stopped).toBe(true);
    expect(last().sent.audio).toBeNull();
  });

  it("makes a broken line again, and the call goes on in it", async () => {
    const phone = await ready();
    await phone.call(true);
    last().be("failed");
    expect(phone.phone).toMatchObject({ state: "waiting", problem: "network", failures: 1 });
    expect(gone).toEqual(["p1"]);
    await vi.advanceTimersByTimeAsync(600);
    expect(Peer.made).toHaveLength(2);
    last().be("connected");
    expect(phone.phone.state).toBe("ready");
    expect(last().sent.audio).not.toBeNull();
  });

  it("gives a line that stutters time to come back", async () => {
    const phone = await ready();
    last().be("disconnected");
    await vi.advanceTimersByTimeAsync(3000);
    last().be("connected");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.phone.state).toBe("ready");
    expect(Peer.made).toHaveLength(1);
  });

  it("says what is wrong with the microphone, and does not ask again by itself", async () => {
    mic = async () => { throw Object.assign(new Error(), { name: "NotAllowedError" }); };
    const phone = make();
    await phone.use();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(phone.phone).toMatchObject({ state: "waiting", problem: "mic_denied" });
    expect(Peer.made).toEqual([]);
  });

  it("goes on trying a server that does not answer, and leaves nothing behind when it is stopped", async () => {
    server = async () => { throw new Error("503"); };
    const phone = make();
    await phone.use();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(Peer.made.length).toBeGreaterThan(3);
    expect(phone.phone.problem).toBe("server");
    phone.stop();
    const n = Peer.made.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Peer.made).toHaveLength(n);
    expect(Peer.made.every((p) => p.closed)).toBe(true);
  });

  it("tells the server that an answer came too late", async () => {
    let answer: (a: { id: string; sdp: string }) => void = () => {};
    server = () => new Promise((done) => (answer = done));
    const phone = make();
    const using = phone.use();
    await vi.advanceTimersByTimeAsync(0);
    phone.stop();
    answer({ id: "late", sdp: "x" });
    await using;
    expect(gone).toEqual(["late"]);
    expect(phone.phone.state).toBe("off");
  });
});
