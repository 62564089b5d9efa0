// What can be heard in a sound. Audio is proved by tones: who speaks sends a
// sine of his own, and a sine is found again wherever it arrives.
import { readFileSync, writeFileSync } from 'node:fs'

/** Samples of one channel, between -1 and 1. */
export interface Sound { rate: number; samples: Float32Array }

/** The channels of a WAV of 16-bit PCM. It may still be written: then its length is what is there. */
export function readWAV(file: string | Buffer): Sound[] {
  const b = typeof file === 'string' ? readFileSync(file) : file
  if (b.length < 44 || b.toString('latin1', 0, 4) !== 'RIFF') return []
  let at = 12
  let channels = 1
  let rate = 8000
  for (;;) {
    const id = b.toString('latin1', at, at + 4)
    const size = b.readUInt32LE(at + 4)
    at += 8
    if (id === 'fmt ') {
      if (b.readUInt16LE(at) !== 1 || b.readUInt16LE(at + 14) !== 16) throw new Error('not 16-bit PCM')
      channels = b.readUInt16LE(at + 2)
      rate = b.readUInt32LE(at + 4)
    } else if (id === 'data') break
    at += size
    if (at + 8 > b.length) return []
  }
  const n = Math.floor((b.length - at) / 2 / channels)
  const out = Array.from({ length: channels }, () => ({ rate, samples: new Float32Array(n) }))
  for (let i = 0; i < n; i++) for (let c = 0; c < channels; c++) out[c]!.samples[i] = b.readInt16LE(at + 2 * (i * channels + c)) / 32768
  return out
}

/** Writes a sine: a voice that nobody mistakes for another. */
export function writeTone(file: string, freq: number, seconds: number, rate = 8000) {
  const n = seconds * rate
  const b = Buffer.alloc(44 + 2 * n)
  b.write('RIFF', 0)
  b.writeUInt32LE(36 + 2 * n, 4)
  b.write('WAVEfmt ', 8)
  b.writeUInt32LE(16, 16)
  b.writeUInt16LE(1, 20)
  b.writeUInt16LE(1, 22)
  b.writeUInt32LE(rate, 24)
  b.writeUInt32LE(2 * rate, 28)
  b.writeUInt16LE(2, 32)
  b.writeUInt16LE(16, 34)
  b.write('data', 36)
  b.writeUInt32LE(2 * n, 40)
  for (let i = 0; i < n; i++) b.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * freq * i) / rate)), 44 + 2 * i)
  writeFileSync(file, b)
}

/** How loud it is: the root of the mean square. A sine of ours has about 0.19, a room at night 0. */
export function loudness(samples: Float32Array): number {
  let sum = 0
  for (const s of samples) sum += s * s
  return samples.length ? Math.sqrt(sum / samples.length) : 0
}

/** The part of the energy that is at a frequency: 1 for a pure sine, about 0.5 for one of two. */
export function share(s: Sound, freq: number): number {
  const w = (2 * Math.PI * freq) / s.rate
  let re = 0
  let im = 0
  let all = 0
  for (const [i, v] of s.samples.entries()) {
    re += v * Math.cos(w * i)
    im += v * Math.sin(w * i)
    all += v * v
  }
  return all > 1e-6 * s.samples.length ? (2 * (re * re + im * im)) / (s.samples.length * all) : 0
}

export interface Stretch { from: number; loud: number; shares: Record<number, number> }

/** A sound in stretches of so many seconds: how loud, and how much of each tone. */
export function stretches(s: Sound, freqs: number[], length = 0.5): Stretch[] {
  const n = Math.round(length * s.rate)
  const out: Stretch[] = []
  for (let from = 0; from + n <= s.samples.length; from += n) {
    const part = { rate: s.rate, samples: s.samples.subarray(from, from + n) }
    out.push({ from: from / s.rate, loud: loudness(part.samples), shares: Object.fromEntries(freqs.map((f) => [f, share(part, f)])) })
  }
  return out
}

/** For how many seconds a tone was there, with at least this part of the energy. */
export function lasted(s: Sound, freq: number, least = 0.5): number {
  return stretches(s, [freq], 0.25).filter((x) => x.loud > 0.01 && x.shares[freq]! >= least).length * 0.25
}

/** For how many seconds there was something to hear. */
export function audible(s: Sound): number {
  return stretches(s, [], 0.1).filter((x) => x.loud > 0.01).length * 0.1
}
