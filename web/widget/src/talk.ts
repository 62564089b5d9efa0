// A call by this browser, beside the chat and in the same conversation.
import { Failure, type Chat } from './chat'

export type Phase = 'idle' | 'asking' | 'calling' | 'up' | 'denied' | 'missing' | 'busy' | 'failed'

/** No more than this is waited for the addresses of this machine. */
const gatherTime = 3000
/** A line that has not come up by then will not. */
const patience = 15_000

export class Talk {
  phase: Phase = 'idle'
  call?: string
  muted = false
  camera?: MediaStream
  cameraFailed = false
  /** What the other side shows, while it shows something. */
  video?: MediaStream
  /** The browser wants a tap before it plays the sound. */
  silent = false
  private readonly sound = new Audio()
  private pc?: RTCPeerConnection
  private mic?: MediaStream
  private timer?: ReturnType<typeof setTimeout>

  constructor(private readonly chat: Chat, private readonly changed: () => void) {}

  static readonly possible = () => 'RTCPeerConnection' in globalThis && !!navigator.mediaDevices

  get on() { return this.phase === 'asking' || this.phase === 'calling' || this.phase === 'up' }

  /** Calls; the browser asks for the microphone now. */
  async begin() {
    if (this.on) return
    const other = this.chat.state.view?.call
    if (other && other.state !== 'ended') return this.to('busy')
    this.to('asking')
    let mic: MediaStream
    try {
      mic = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } })
    } catch (err) {
      const name = err instanceof DOMException ? err.name : ''
      return this.to(name === 'NotFoundError' || name === 'NotReadableError' || name === 'OverconstrainedError' ? 'missing' : 'denied')
    }
    if (this.phase !== 'asking') return stop(mic) // hung up meanwhile
    this.mic = mic
    this.to('calling')
    const pc = this.pc = new RTCPeerConnection()
    try {
      const audio = pc.addTransceiver(mic.getAudioTracks()[0]!, { direction: 'sendrecv', streams: [mic] })
      plain(audio)
      // Both ways from the beginning: adding the camera later is a track, not a new agreement.
      pc.addTransceiver('video', { direction: 'sendrecv' })
      this.follow(pc)
      await pc.setLocalDescription()
      await gathered(pc)
      const answer = await this.chat.talk(pc.localDescription!.sdp)
      if (this.pc !== pc) return void this.chat.hangUp(answer.call).catch(() => {}) // hung up meanwhile
      this.call = answer.call
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp })
      audio.sender.transport?.addEventListener('statechange', () => { if (/closed|failed/.test(audio.sender.transport!.state)) this.ended(pc) })
      this.timer = setTimeout(() => { if (this.phase === 'calling') this.ended(pc, 'failed') }, patience)
    } catch (err) {
      this.ended(pc, err instanceof Failure && err.body.code === 'on_call' ? 'busy' : 'failed')
    }
  }

  hangUp() {
    const { call, pc } = this
    this.ended(pc, 'idle', !!call)
    // Told first, and seen by the line that closes when that does not get through.
    if (call) void this.chat.hangUp(call).catch(() => {}).finally(() => pc?.close())
  }

  /** The page goes away: nothing that takes time. */
  leave() { if (this.on) this.ended(this.pc) }

  /** Plays the other side's voice, also while the panel is closed. */
  async hear() {
    this.silent = await this.sound.play().then(() => false, () => true)
    this.changed()
  }

  mute(on: boolean) {
    for (const t of this.mic?.getAudioTracks() ?? []) t.enabled = !on
    this.muted = on
    this.changed()
  }

  press(key: string) { this.sender('audio')?.dtmf?.insertDTMF(key, 160, 70) }

  async show(on: boolean) {
    const sender = this.sender('video')
    this.cameraFailed = false
    if (!on || this.camera) {
      if (this.camera) stop(this.camera)
      this.camera = undefined
      await sender?.replaceTrack(null).catch(() => {})
    } else {
      try {
        const camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 360 }, facingMode: 'user' } })
        if (!this.on) return stop(camera)
        this.camera = camera
        await sender?.replaceTrack(camera.getVideoTracks()[0]!)
      } catch { this.cameraFailed = true }
    }
    this.changed()
  }

  /** The server says that this call is over. */
  over(call: string) { if (call === this.call) this.ended(this.pc) }

  /** Takes a message away. */
  clear() { if (!this.on) this.to('idle') }

  private follow(pc: RTCPeerConnection) {
    pc.onconnectionstatechange = () => {
      if (this.pc !== pc) return
      if (pc.connectionState === 'connected') { clearTimeout(this.timer); this.to('up') }
      if (pc.connectionState === 'disconnected') this.timer = setTimeout(() => { if (pc.connectionState !== 'connected') this.ended(pc) }, 8000)
      if (pc.connectionState === 'failed' || pc.connectionState === 'closed') this.ended(pc, this.phase === 'calling' ? 'failed' : 'idle')
    }
    pc.ontrack = ({ track }) => {
      if (this.pc !== pc) return
      if (track.kind === 'audio') { this.sound.srcObject = new MediaStream([track]); return void this.hear() }
      const show = (on: boolean) => { this.video = on ? new MediaStream([track]) : undefined; this.changed() }
      track.onunmute = () => show(true)
      track.onmute = track.onended = () => show(false)
    }
  }

  private ended(pc?: RTCPeerConnection, as: Phase = 'idle', open = false) {
    if (pc !== this.pc) return
    clearTimeout(this.timer)
    for (const s of [this.mic, this.camera]) if (s) stop(s)
    if (pc) { pc.onconnectionstatechange = pc.ontrack = null; if (!open) pc.close() }
    this.pc = this.mic = this.camera = this.video = this.call = undefined
    this.sound.srcObject = null
    this.muted = this.cameraFailed = this.silent = false
    this.to(as)
  }

  private sender(kind: string) { return this.pc?.getTransceivers().find((t) => t.receiver.track.kind === kind)?.sender }

  private to(phase: Phase) { this.phase = phase; this.changed() }
}

function stop(s: MediaStream) { for (const t of s.getTracks()) t.stop() }

// The server speaks what telephones speak; then nothing is translated on the way.
function plain(t: RTCRtpTransceiver) {
  const all = RTCRtpReceiver.getCapabilities?.('audio')?.codecs ?? []
  const wanted = all.filter((c) => /\/(PCMU|PCMA|telephone-event)$/i.test(c.mimeType)).sort((a, b) => Number(/PCMU/i.test(b.mimeType)) - Number(/PCMU/i.test(a.mimeType)))
  if (wanted.length) t.setCodecPreferences?.(wanted)
}

function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((done) => {
    const timer = setTimeout(done, gatherTime)
    pc.addEventListener('icegatheringstatechange', () => {
      if (pc.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      done()
    })
  })
}
