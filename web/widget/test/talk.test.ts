import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Failure, type Chat } from '../src/chat'
import { Talk } from '../src/talk'

class Line extends EventTarget {
  static last?: Line
  connectionState = 'new'; iceGatheringState = 'complete'
  localDescription = { sdp: 'offer' }
  onconnectionstatechange?: (() => void) | null; ontrack?: ((e: object) => void) | null
  kinds: string[] = []; closed = false
  senders = [{ dtmf: { insertDTMF: vi.fn() }, replaceTrack: vi.fn(async () => {}) }, { replaceTrack: vi.fn(async () => {}) }]
  constructor() { super(); Line.last = this }
  addTransceiver(kind: string | { kind: string }) {
    const k = typeof kind === 'string' ? kind : kind.kind
    this.kinds.push(k)
    return { sender: this.senders[this.kinds.length - 1], receiver: { track: { kind: k } } }
  }
  getTransceivers() { return this.kinds.map((k, i) => ({ sender: this.senders[i], receiver: { track: { kind: k } } })) }
  setLocalDescription = async () => {}
  setRemoteDescription = async () => {}
  close() { this.closed = true }
  is(state: string) { this.connectionState = state; this.onconnectionstatechange?.() }
}

const track = { kind: 'audio', enabled: true, stop: vi.fn() }
const mic = { getAudioTracks: () => [track], getTracks: () => [track], getVideoTracks: () => [] }
let media: ReturnType<typeof vi.fn>
let chat: { talk: ReturnType<typeof vi.fn>; hangUp: ReturnType<typeof vi.fn>; state: { view: object | null } }
const talk = () => new Talk(chat as unknown as Chat, () => {})

beforeEach(() => {
  track.enabled = true; track.stop.mockClear()
  media = vi.fn(async () => mic)
  chat = { talk: vi.fn(async () => ({ sdp: 'answer', call: 'k' })), hangUp: vi.fn(async () => {}), state: { view: null } }
  vi.stubGlobal('RTCPeerConnection', Line)
  vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs: [] }) })
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: media } })
})
afterEach(() => vi.unstubAllGlobals())

test('calls with audio and video in the first offer, is muted, presses keys, and hangs up', async () => {
  const t = talk()
  await t.begin()
  const pc = Line.last!
  expect(pc.kinds).toEqual(['audio', 'video'])
  expect(chat.talk).toHaveBeenCalledWith('offer')
  expect(t.phase).toBe('calling')
  pc.is('connected')
  expect(t.phase).toBe('up')
  t.mute(true)
  expect(track.enabled).toBe(false)
  t.press('5')
  expect(pc.senders[0]!.dtmf!.insertDTMF).toHaveBeenCalledWith('5', expect.anything(), expect.anything())
  t.hangUp()
  expect(t.phase).toBe('idle')
  expect(track.stop).toHaveBeenCalled()
  expect(chat.hangUp).toHaveBeenCalledWith('k')
  await vi.waitFor(() => expect(pc.closed).toBe(true))
})

test.each([['NotAllowedError', 'denied'], ['NotFoundError', 'missing']])('without a microphone (%s) it says %s and calls nobody', async (name, phase) => {
  media.mockRejectedValueOnce(new DOMException('no', name))
  const t = talk()
  await t.begin()
  expect(t.phase).toBe(phase)
  expect(chat.talk).not.toHaveBeenCalled()
  t.clear()
  expect(t.phase).toBe('idle')
})

test('hanging up while the server answers ends the call that comes', async () => {
  let answer = (_: object) => {}
  chat.talk.mockReturnValueOnce(new Promise((done) => { answer = done }))
  const t = talk()
  const began = t.begin()
  await vi.waitFor(() => expect(chat.talk).toHaveBeenCalled())
  t.hangUp()
  answer({ sdp: 'answer', call: 'late' })
  await began
  expect(t.phase).toBe('idle')
  expect(chat.hangUp).toHaveBeenCalledWith('late')
})

test('a refused call is told, and the microphone is let go', async () => {
  chat.talk.mockRejectedValueOnce(new Failure(409, { kind: 'conflict', code: 'on_call', message: 'x' }))
  const t = talk()
  await t.begin()
  expect(t.phase).toBe('busy')
  expect(track.stop).toHaveBeenCalled()
})

test('who is on the telephone already does not call twice', async () => {
  chat.state.view = { call: { call_id: 'other', state: 'menu' } }
  const t = talk()
  await t.begin()
  expect(t.phase).toBe('busy')
  expect(media).not.toHaveBeenCalled()
})

test('the end of another call changes nothing, that of this one ends it', async () => {
  const t = talk()
  await t.begin()
  Line.last!.is('connected')
  t.over('other')
  expect(t.phase).toBe('up')
  t.over('k')
  expect(t.phase).toBe('idle')
})
