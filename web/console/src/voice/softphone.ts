import { off, pause, type Phone, type PhoneEvent, type Problem, refusal, step } from "./machine";

// One connection to the server per tab, made when the agent wants it and kept.
// The microphone is open only while there is a call; between calls nothing is
// sent and no light burns.

export interface Parts {
  /** Takes our offer and says what the server answers. */
  connect: (sdp: string) => Promise<{ id: string; sdp: string }>;
  disconnect: (id: string) => void;
  media: Pick<MediaDevices, "getUserMedia" | "enumerateDevices"> | undefined;
  peer: () => RTCPeerConnection;
  /** What the microphone is asked for. */
  constraints: () => MediaTrackConstraints;
  /** The agent's voice arrives elsewhere: how the remote side is heard. */
  heard: (stream: MediaStream) => void;
  changed: () => void;
  /** The state of the permission, where the browser tells it. */
  permission?: () => Promise<PermissionState | undefined>;
}

/** No more than this is waited for the addresses of this machine. */
const GATHER = 3000;
/** A connection that stutters may come back by itself; in a call nobody waits for that long. */
const GRACE = 6000;
const GRACE_IN_CALL = 1500;
/** A connection that does not come up in this time is made again. */
const PATIENCE = 15_000;

export class Softphone {
  phone: Phone = off;
  /** What the other side shows, while it shows something. */
  video: MediaStream | undefined;
  /** The agent's own camera, while it is on. */
  camera: MediaStream | undefined;
  /** The microphone could not be opened for the call that is up. */
  deaf: Problem | undefined;

  private peer: RTCPeerConnection | undefined;
  private id: string | undefined;
  private mic: MediaStream | undefined;
  private inCall = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;
  private opening = 0;

  constructor(private readonly parts: Parts) {}

  /** The agent clicked: the browser may ask him for the microphone. */
  async use() {
    this.tell({ kind: "use" });
    await this.begin(true);
  }

  /** He allowed it earlier; it is asked for again only when a call needs it. */
  async resume() {
    this.tell({ kind: "use" });
    await this.begin(false);
  }

  stop() {
    this.round++;
    clearTimeout(this.timer);
    this.closeMic();
    this.closeCamera();
    this.drop();
    this.tell({ kind: "stop" });
  }

  /** Try at once. */
  async again(ask = true) {
    if (this.phone.state !== "waiting") return;
    clearTimeout(this.timer);
    this.tell({ kind: "again" });
    await this.begin(ask);
  }

  /** A call rings or is up: the microphone opens. Otherwise it closes. */
  async call(on: boolean) {
    if (this.inCall === on) return;
    this.inCall = on;
    if (on) await this.openMic();
    else {
      this.closeMic();
      this.closeCamera();
    }
  }

  /** The agent chose another microphone. */
  async changed() {
    if (!this.mic) return;
    this.closeMic();
    await this.openMic();
  }

  async showCamera() {
    if (this.camera || !this.parts.media) return;
    const stream = await this.parts.media.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 360 } } });
    if (!this.inCall) {
      stop(stream);
      return;
    }
    this.camera = stream;
    await this.sender("video")?.replaceTrack(stream.getVideoTracks()[0]);
    this.parts.changed();
  }

  closeCamera() {
    if (!this.camera) return;
    stop(this.camera);
    this.camera = undefined;
    void this.sender("video")?.replaceTrack(null).catch(() => {});
    this.parts.changed();
  }

  private async begin(ask: boolean) {
    const round = ++this.round;
    const problem = await this.look(ask);
    if (round !== this.round || this.phone.state !== "asking") return;
    if (problem) {
      this.tell({ kind: "refused", problem });
      return this.retry();
    }
    this.tell({ kind: "allowed" });
    await this.connect(round);
  }

  /** Is there a microphone that may be used? Asks the person only if ask. */
  private async look(ask: boolean): Promise<Problem | undefined> {
    if (!this.parts.media) return "insecure";
    try {
      if (ask) {
        stop(await this.parts.media.getUserMedia({ audio: this.parts.constraints() }));
        return undefined;
      }
      if ((await this.parts.permission?.()) === "denied") return "mic_denied";
      const devices = await this.parts.media.enumerateDevices();
      return devices.some((d) => d.kind === "audioinput") ? undefined : "mic_missing";
    } catch (err) {
      return refusal(err);
    }
  }

  private async connect(round: number) {
    this.drop();
    let peer: RTCPeerConnection | undefined;
    try {
      peer = this.parts.peer();
      this.peer = peer;
      const audio = peer.addTransceiver("audio", { direction: "sendrecv" });
      // Both ways from the beginning: adding the camera later is a track, not a new agreement.
      peer.addTransceiver("video", { direction: "sendrecv" });
      preferPCMU(audio);
      this.follow(peer);
      await peer.setLocalDescription();
      await gathered(peer);
      const answer = await this.parts.connect(peer.localDescription?.sdp ?? "");
      if (round !== this.round || this.peer !== peer) {
        peer.close();
        this.parts.disconnect(answer.id);
        return;
      }
      this.id = answer.id;
      await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      this.hearGoodbye(peer);
      if (this.inCall) await this.openMic();
      if (this.phone.state === "connecting" && this.peer === peer) this.later(PATIENCE, () => this.lost(peer as RTCPeerConnection, "network"));
    } catch {
      if (round === this.round && this.peer === peer) this.lost(peer, "server");
    }
  }

  private follow(peer: RTCPeerConnection) {
    peer.onconnectionstatechange = () => {
      if (this.peer !== peer) return;
      switch (peer.connectionState) {
        case "connected":
          clearTimeout(this.timer);
          this.tell({ kind: "connected" });
          return;
        case "disconnected":
          this.later(this.inCall ? GRACE_IN_CALL : GRACE, () => this.lost(peer, "network"));
          return;
        case "failed":
        case "closed":
          this.lost(peer, "network");
      }
    };
    peer.ontrack = (e) => {
      if (this.peer !== peer) return;
      if (e.track.kind === "audio") return this.parts.heard(new MediaStream([e.track]));
      const show = (on: boolean) => {
        this.video = on ? new MediaStream([e.track]) : undefined;
        this.parts.changed();
      };
      e.track.onunmute = () => show(true);
      e.track.onmute = () => show(false);
      e.track.onended = () => show(false);
    };
  }

  /** A server that goes away says so on the line, long before silence would tell. */
  private hearGoodbye(peer: RTCPeerConnection) {
    const line = audioOf(peer)?.transport;
    line?.addEventListener("statechange", () => {
      if (line.state === "closed" || line.state === "failed") this.lost(peer, "network");
    });
  }

  private lost(peer: RTCPeerConnection | undefined, problem: Problem) {
    if (this.peer !== peer) return;
    this.drop();
    this.tell({ kind: "lost", problem });
    this.retry();
  }

  private retry() {
    const wait = pause(this.phone);
    if (wait !== undefined) this.later(wait, () => void this.again(false));
  }

  private drop() {
    clearTimeout(this.timer);
    const { peer, id } = this;
    this.peer = this.id = undefined;
    this.video = undefined;
    if (peer) {
      peer.onconnectionstatechange = peer.ontrack = null;
      peer.close();
    }
    if (id) this.parts.disconnect(id);
  }

  private later(ms: number, f: () => void) {
    clearTimeout(this.timer);
    this.timer = setTimeout(f, ms);
  }

  private async openMic() {
    const n = ++this.opening;
    try {
      const stream = this.mic ?? (await this.parts.media?.getUserMedia({ audio: this.parts.constraints() }));
      if (!stream) return;
      if (n !== this.opening || !this.inCall) {
        if (stream !== this.mic) stop(stream);
        return;
      }
      this.mic = stream;
      this.deaf = undefined;
      await this.sender("audio")?.replaceTrack(stream.getAudioTracks()[0]);
    } catch (err) {
      this.deaf = refusal(err);
    }
    this.parts.changed();
  }

  private closeMic() {
    this.opening++;
    if (this.mic) stop(this.mic);
    this.mic = undefined;
    this.deaf = undefined;
    void this.sender("audio")?.replaceTrack(null).catch(() => {});
    this.parts.changed();
  }

  private sender(kind: "audio" | "video"): RTCRtpSender | undefined {
    return this.peer?.getTransceivers().find((t) => t.receiver.track.kind === kind)?.sender;
  }

  private tell(e: PhoneEvent) {
    const next = step(this.phone, e);
    if (next === this.phone) return;
    this.phone = next;
    this.parts.changed();
  }
}

const audioOf = (peer: RTCPeerConnection) => peer.getTransceivers().find((t) => t.receiver.track.kind === "audio")?.sender;

function stop(stream: MediaStream) {
  for (const t of stream.getTracks()) t.stop();
}

/** The server speaks what telephones speak; then nothing is translated on the way. */
function preferPCMU(t: RTCRtpTransceiver) {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.("audio")?.codecs ?? [];
  const wanted = codecs.filter((c) => /\/(PCMU|PCMA|telephone-event)$/i.test(c.mimeType));
  wanted.sort((a, b) => Number(/PCMU/i.test(b.mimeType)) - Number(/PCMU/i.test(a.mimeType)));
  if (wanted.length) t.setCodecPreferences?.(wanted);
}

/** Every address of this machine is in the offer, or the time is up. */
function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(done, GATHER);
    peer.addEventListener("icegatheringstatechange", () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      done();
    });
  });
}
