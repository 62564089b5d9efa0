// Sounds that the browser makes itself, at the device they belong to.

type Sinkable = HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };

/** Sends what an element plays to a device. False: this browser cannot, or the device is gone. */
export async function sink(el: HTMLAudioElement, device: string): Promise<boolean> {
  const a = el as Sinkable;
  if (!a.setSinkId) return device === "";
  try {
    await a.setSinkId(device);
    return true;
  } catch {
    await a.setSinkId("").catch(() => {});
    return false;
  }
}

export const canChooseSpeaker = () => "setSinkId" in HTMLMediaElement.prototype;

interface Playing {
  stop(): void;
}

function play(device: string, build: (a: AudioContext, out: AudioNode) => void): Playing {
  let stopped = false;
  let context: AudioContext | undefined;
  const el = new Audio();
  try {
    context = new AudioContext();
    const out = context.createMediaStreamDestination();
    build(context, out);
    el.srcObject = out.stream;
    void sink(el, device).then(() => {
      // Before anybody has touched the page browsers refuse: the card is enough.
      if (!stopped) el.play().catch(() => {});
    });
    void context.resume().catch(() => {});
  } catch {
    // No sound device.
  }
  return {
    stop() {
      stopped = true;
      el.pause();
      el.srcObject = null;
      void context?.close().catch(() => {});
    },
  };
}

/** A soft ring of two notes, every three seconds, until it is stopped. */
export function ring(device: string, times = 20): Playing {
  return play(device, (a, out) => {
    for (let i = 0; i < times; i++) {
      const at = a.currentTime + 0.05 + i * 3;
      for (const [freq, from] of [[587, 0], [784, 0.16], [587, 0.5], [784, 0.66]] as const) note(a, out, freq, at + from, 0.34, 0.12);
    }
  });
}

/** One second, so that one hears where it comes from. */
export function testTone(device: string): Playing {
  const p = play(device, (a, out) => {
    for (const [i, freq] of [440, 554, 659].entries()) note(a, out, freq, a.currentTime + 0.05 + i * 0.25, 0.5, 0.18);
  });
  setTimeout(() => p.stop(), 1600);
  return p;
}

function note(a: AudioContext, out: AudioNode, freq: number, at: number, length: number, loud: number) {
  const o = a.createOscillator();
  const g = a.createGain();
  o.type = "sine";
  o.frequency.value = freq;
  g.gain.setValueAtTime(0, at);
  g.gain.linearRampToValueAtTime(loud, at + 0.02);
  g.gain.exponentialRampToValueAtTime(0.0008, at + length);
  o.connect(g).connect(out);
  o.start(at);
  o.stop(at + length + 0.02);
}

/** How loud a stream is, 0 to 1, told some thirty times a second until it is stopped. */
export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
  let frame = 0;
  let context: AudioContext | undefined;
  try {
    context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const data = new Float32Array(analyser.fftSize);
    let shown = 0;
    const look = () => {
      analyser.getFloatTimeDomainData(data);
      shown = Math.max(level(data), shown * 0.88);
      tell(shown);
      frame = requestAnimationFrame(look);
    };
    look();
  } catch {
    tell(0);
  }
  return () => {
    cancelAnimationFrame(frame);
    void context?.close().catch(() => {});
  };
}

/** The loudness of samples on a scale that the ear agrees with: -60 dB is 0, full is 1. */
export function level(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms === 0 ? 0 : Math.min(1, Math.max(0, 1 + (20 * Math.log10(rms)) / 60));
}
