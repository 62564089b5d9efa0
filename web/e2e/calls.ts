// Calls from end to end: a server that takes them, telephones and browsers that
// make them, each with a tone of its own.
import { chromium, expect, request, test as base, type APIRequestContext, type Browser, type Page } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Network } from './network'
import { noErrors, password, people, user } from './people'
import { House } from './places'
import { canPhone, freePort, Phone, type PhoneOptions } from './phone'
import config from './playwright.config'
import { readWAV, share, writeTone, type Sound } from './tone'

/** The voices of those who speak, in hertz; none is a note that the music on hold plays. */
export const voices = { caller: 453, anna: 1018, olivia: 1433, third: 1810, supervisor: 640, visitor: 760 }

export interface Live { call_id: string; conversation_id: string; number: string; state: string; held?: boolean; recording?: string; parties?: { leg: string; role: string; agent?: string; name: string; state: string; muted?: boolean }[] }
export interface Content { text?: string; command?: string; options?: { id: string; key?: string; label: string }[]; card?: { title: string }; attachments?: { name: string; url: string; type: string }[]; masked?: boolean; input?: { slot: string } }
export interface Message { id: string; seq: number; channel: string; author: { kind: string; name?: string }; content: Content; heard?: { text: string } | string; at: string }
export interface Mark { kind: string; flow?: string; slot?: string; value?: string; data?: Record<string, string> }
export interface Opened { conversation: { id: string; status: string; agent_id?: string; on_call?: string; queue?: string; callback?: object; verified?: unknown; lang: string }; contact: { id: string; name: string }; events: { kind: string; seq: number; at: string; data: unknown }[] }
export interface Recording { id: string; call_id: string; kind: string; seconds: number; pauses?: { from: number; to: number }[] }

/** A server that takes calls, the network its telephones are on, and people with headsets. */
export class Switchboard extends House {
  private readonly lines: { port: number; idle?: Network }[] = []
  private sipPort = 0
  tlsPort = 0
  private readonly phones: Phone[] = []
  private readonly browsers = new Map<number, Browser>()
  private readonly sounds = mkdtempSync(join(tmpdir(), 'parley-sounds-'))
  private readonly apis = new Map<string, APIRequestContext>()

  /** lines: as many telephone numbers begin with prefixes that we may call. */
  static async open(nth: number, lines: number): Promise<Switchboard> {
    const s = new Switchboard(nth, true, {})
    for (let i = 0; i < lines; i++) {
      const port = await freePort()
      s.lines.push({ port, idle: await Network.on(port) })
    }
    s.sipPort = await freePort()
    Object.assign(s.settings, {
      PARLEY_SIP_UDP: `127.0.0.1:${s.sipPort}`, PARLEY_WEB_UDP: `127.0.0.1:${await freePort()}`, PARLEY_RECORD: 'true', PARLEY_SRTP: 'required',
      PARLEY_OFFER_TIME: '60s', PARLEY_CONFIG: join(s.data, 'parley.yaml'),
    })
    s.tlsPort = await freePort()
    Object.assign(s.settings, { PARLEY_SIP_TLS: `127.0.0.1:${s.tlsPort}`, ...selfSigned(s.data) })
    // The telephones call from elsewhere than the network: so each shows its own number.
    writeFileSync(join(s.data, 'parley.yaml'), `version: 1\nvoice:\n  trunks:\n${s.lines.map(({ port }, i) => `    - {name: line${i}, host: "127.0.0.1:${port}", prefixes: ["${prefix(i)}"], allow: [127.0.0.99]}`).join('\n')}\n`)
    return s
  }

  /** The address that a telephone dials. */
  sip(called = 'coffee') { return `sip:${called}@127.0.0.1:${this.sipPort}` }
  get registrar() { return `127.0.0.1:${this.sipPort}` }

  /** A telephone of somebody who has never called, on one of the lines on which we can call him. */
  async phone(line = 0, o: Partial<PhoneOptions> = {}): Promise<Phone> {
    const at = this.lines[line]!
    await at.idle?.off()
    at.idle = undefined
    return this.own(await Phone.start({ user: this.number(line), tone: voices.caller, port: at.port, ...o }))
  }

  /** A number that nobody had yet. */
  number(line: number): string { return prefix(line) + String(Math.floor(Math.random() * 1e7)).padStart(7, '0') }

  /** The far side of a line that no telephone has. */
  network(line: number): Network { return this.lines[line]!.idle! }

  /** Removes the telephone when everybody leaves. */
  own(p: Phone): Phone {
    this.phones.push(p)
    return p
  }

  /** Ends telephones, so that others can have their lines. */
  private async hangUpAll() {
    for (const p of this.phones.splice(0)) await p.remove()
    for (const l of this.lines) l.idle ??= await Network.on(l.port)
  }

  /** A browser whose microphone hears a tone. */
  async browser(tone: number): Promise<Browser> {
    const known = this.browsers.get(tone)
    if (known?.isConnected()) return known
    const file = join(this.sounds, `${tone}.wav`)
    writeTone(file, tone, 60, 48_000)
    const { executablePath, args = [] } = config.use!.launchOptions!
    const b = await chromium.launch({
      executablePath,
      args: [...args, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${file}`, '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required'],
    })
    this.browsers.set(tone, b)
    return b
  }

  /** Somebody of the desk with a headset: signed in, his browser ready for calls. */
  async agent(email: string, tone: number): Promise<Page> {
    const page = await user(await this.browser(tone), email, this.url, listening)
    await page.getByTestId('phone-status').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Use this browser for calls' }).click()
    await expect(dialog.getByText('Ready for calls')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('phone-status')).toHaveAttribute('data-state', 'ready')
    return page
  }

  /** A page of a customer with a headset. */
  async visitor(tone: number, url: string, lang = 'en-GB'): Promise<Page> {
    const context = await (await this.browser(tone)).newContext({ locale: lang, permissions: ['microphone', 'camera'] })
    await context.addInitScript(listening)
    const page = await context.newPage()
    noErrors(page)
    await page.goto(url)
    return page
  }

  async api(email = people.supervisor): Promise<APIRequestContext> {
    let api = this.apis.get(email)
    if (!api) {
      api = await request.newContext({ baseURL: this.url, extraHTTPHeaders: { 'X-Parley': '1', Origin: this.url } })
      expect((await api.post('/api/login', { data: { email, password } })).status()).toBe(200)
      this.apis.set(email, api)
    }
    return api
  }

  async get<T>(path: string): Promise<T> {
    const r = await (await this.api()).get(path)
    if (!r.ok()) throw new Error(`${path}: ${r.status()} ${await r.text()}`)
    return await r.json() as T
  }

  async calls(): Promise<Live[]> { return (await this.get<{ items: Live[] }>('/api/voice/calls')).items }

  /** The call of a telephone that is up. */
  async callOf(p: Phone): Promise<Live> {
    let found: Live | undefined
    await expect.poll(async () => Boolean(found = (await this.calls()).find((c) => c.number === p.user && c.conversation_id)), { intervals: [100] }).toBe(true)
    return found!
  }

  async opened(conversation: string): Promise<Opened> { return this.get(`/api/conversations/${conversation}`) }

  /** What was said, in order; without the short message that brings the link. */
  async messages(conversation: string): Promise<Message[]> {
    return (await this.opened(conversation)).events.filter((e) => e.kind === 'message').map((e) => e.data as Message).filter((m) => m.channel !== 'sms')
  }

  async marks(conversation: string): Promise<Mark[]> {
    return (await this.opened(conversation)).events.filter((e) => e.kind === 'mark').map((e) => e.data as Mark)
  }

  /** Waits until the newest message that is not the customer's says this. */
  async says(conversation: string, what: RegExp) {
    await expect.poll(async () => (await this.messages(conversation)).filter((m) => m.author.kind !== 'customer').at(-1)?.content.text ?? '', { intervals: [100], message: `the newest words are ${what}` }).toMatch(what)
  }

  /** The recordings of a conversation once there are so many. */
  async recordings(conversation: string, n = 1): Promise<Recording[]> {
    let items: Recording[] = []
    await expect.poll(async () => (items = (await this.get<{ items: Recording[] }>(`/api/voice/recordings?conversation=${conversation}`)).items).length, { message: 'recordings' }).toBeGreaterThanOrEqual(n)
    return items
  }

  /** What a recording holds: left the customer, right what he heard. */
  async recorded(r: Recording): Promise<Sound[]> {
    return this.wav(`/api/voice/recordings/${r.id}/audio`)
  }

  async wav(url: string): Promise<Sound[]> {
    const res = await (await this.api()).get(url)
    expect(res.status()).toBe(200)
    return readWAV(await res.body())
  }

  /** The short messages that came to a number, the newest first. */
  async shortMessages(number: string): Promise<string[]> {
    const r = await fetch(`${this.shop}/phone/messages`)
    return ((await r.json()) as { messages: { to: string; text: string }[] }).messages.filter((m) => m.to === number).map((m) => m.text)
  }

  /** Everybody goes home: telephones are put away, contexts closed. */
  async leave() {
    const api = await this.api(people.owner)
    for (const c of await this.calls()) await api.post(`/api/voice/calls/${c.call_id}/do`, { data: { verb: 'hangup' } })
    await this.hangUpAll()
    await expect.poll(async () => (await this.calls()).length, { message: 'calls that are up', timeout: 40_000 }).toBe(0)
    const list = async (a: APIRequestContext, tab: string) => ((await (await a.get(`/api/conversations?tab=${tab}&limit=200`)).json()) as { items: { id: string }[] }).items
    for (const who of [people.anna, people.owner, people.supervisor]) {
      const mine = await this.api(who)
      expect((await mine.put('/api/presence', { data: { presence: 'offline' } })).ok()).toBe(true)
      for (const { id } of await list(mine, 'mine')) await mine.post(`/api/conversations/${id}/close`, { data: { disposition: 'other' } })
    }
    for (const { id } of await list(api, 'all')) {
      await api.post(`/api/conversations/${id}/take`)
      const closed = await api.post(`/api/conversations/${id}/close`, { data: { disposition: 'other' } })
      expect(closed.ok(), await closed.text()).toBe(true)
    }
    for (const b of this.browsers.values()) for (const c of b.contexts()) await c.close()
  }

  log(): string { return readFileSync(join(this.data, 'log'), 'utf8') }

  override async remove() {
    await this.hangUpAll()
    for (const l of this.lines) await l.idle?.off()
    for (const b of this.browsers.values()) await b.close()
    for (const a of this.apis.values()) await a.dispose()
    rmSync(this.sounds, { recursive: true, force: true })
    await super.remove()
  }
}

const prefix = (line: number) => `+49301${line}`

/** Runs in every page with a headset: what arrives by WebRTC can be looked at, and the microphone gives its tone as it is. */
function listening() {
  const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices)
  if (ask) navigator.mediaDevices.getUserMedia = (c = {}) => ask({ ...c, audio: c.audio ? { ...(c.audio === true ? {} : c.audio), echoCancellation: false, noiseSuppression: false, autoGainControl: false } : false })
  const tracks: MediaStreamTrack[] = []
  const real = window.RTCPeerConnection
  class Tapped extends real {
    constructor(c?: RTCConfiguration) {
      super(c)
      this.addEventListener('track', (e) => { if (e.track.kind === 'audio') tracks.push(e.track) })
    }
  }
  window.RTCPeerConnection = Tapped
  let context: AudioContext | undefined
  const taps = new Map<MediaStreamTrack, AnalyserNode>()
  Object.assign(window, {
    // The part of the energy at each frequency in the last third of a second, and how loud it is.
    hearing(freqs: number[]) {
      context ??= new AudioContext()
      const out = { loud: 0, shares: {} as Record<number, number> }
      for (const track of tracks.filter((t) => t.readyState === 'live')) {
        let tap = taps.get(track)
        if (!tap) {
          tap = context.createAnalyser()
          tap.fftSize = 16384
          context.createMediaStreamSource(new MediaStream([track])).connect(tap)
          taps.set(track, tap)
        }
        const s = new Float32Array(tap.fftSize)
        tap.getFloatTimeDomainData(s)
        let all = 0
        for (const v of s) all += v * v
        const loud = Math.sqrt(all / s.length)
        if (loud < out.loud) continue
        out.loud = loud
        for (const f of freqs) {
          let re = 0
          let im = 0
          for (const [i, v] of s.entries()) {
            re += v * Math.cos((2 * Math.PI * f * i) / context.sampleRate)
            im += v * Math.sin((2 * Math.PI * f * i) / context.sampleRate)
          }
          out.shares[f] = all > 1e-6 * s.length ? (2 * (re * re + im * im)) / (s.length * all) : 0
        }
      }
      return out
    },
  })
}

/** What a page hears now: how loud, and which part of it is each tone. */
export async function hearing(page: Page, ...freqs: number[]): Promise<{ loud: number; shares: Record<number, number> }> {
  return page.evaluate((f) => (window as unknown as { hearing(f: number[]): { loud: number; shares: Record<number, number> } }).hearing(f), freqs)
}

/** Waits until a page hears these tones and, of all there are, no other. */
export async function hears(page: Page, ...tones: number[]) {
  const all = Object.values(voices)
  await expect.poll(async () => {
    const h = await hearing(page, ...all)
    return h.loud < 0.005 ? [] : all.filter((f) => h.shares[f]! > 0.08)
  }, { message: `hears ${tones.join(' and ') || 'nobody'}`, intervals: [300] }).toEqual(all.filter((f) => tones.includes(f)))
}

/** Waits until a telephone hears these tones and, of all there are, no other; returns where in what it heard. */
export async function rings(p: Phone, ...tones: number[]): Promise<number> {
  const all = Object.values(voices)
  const until = Date.now() + 20_000
  for (;;) {
    const from = p.mark()
    const s = await p.hears(0.5, from)
    const found = all.filter((f) => share(s, f) > 0.08)
    if (`${found}` === `${all.filter((f) => tones.includes(f))}`) return from
    if (Date.now() > until) throw new Error(`${p.user} hears ${found.join(' and ') || 'no tone'} instead of ${tones.join(' and ')}`)
  }
}

/** Somebody calls and wants a person, and this agent talks with him. */
export async function talking(at: Switchboard, agent: Page, o: Partial<PhoneOptions> = {}): Promise<{ p: Phone; id: string; call: string }> {
  const p = await at.phone(0, o)
  await p.dial(at.sip())
  const { conversation_id: id, call_id: call } = await at.callOf(p)
  await p.press('0')
  await accept(agent)
  await rings(p, voices.anna)
  return { p, id, call }
}

/** Opens a screen of the desk, and waits until the browser's telephone is ready again. */
export async function go(page: Page, url: string) {
  await page.goto(url)
  await expect(page.getByTestId('phone-status')).toHaveAttribute('data-state', 'ready')
}

/** Presses a button of the call on the screen. */
export const button = (page: Page, name: string | RegExp) => page.getByTestId('call-bar').getByRole('button', { name }).first()

/** Says what somebody's presence is. */
export async function be(page: Page, presence: 'Available' | 'Offline') {
  await page.getByRole('button', { name: /Account and presence/ }).click()
  await page.getByRole('menuitemcheckbox', { name: new RegExp('^' + presence) }).click()
}

/** Takes the offer on the screen. */
export async function accept(page: Page) {
  await expect(page.getByTestId('offer')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
}

/** Prints a number that people want to know. */
export function measured(what: string, ms: number) {
  console.log(`    ${what}: ${Math.round(ms)} ms`)
  base.info().annotations.push({ type: what, description: `${Math.round(ms)} ms` })
}

/** A certificate of our own making, with which the server shows telephones who it is. */
function selfSigned(folder: string): { PARLEY_SIP_TLS_CERT: string; PARLEY_SIP_TLS_KEY: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'], { stdio: 'ignore' })
  return { PARLEY_SIP_TLS_CERT: cert, PARLEY_SIP_TLS_KEY: key }
}

/** A test of calls. All of them share a server of their own; afterwards everybody leaves. */
export const test = base.extend<{ leaving: void }, { at: Switchboard }>({
  at: [async ({}, use) => {
    const s = await Switchboard.open(10, 4)
    try {
      await s.start()
      await use(s)
    } finally {
      await s.remove()
    }
  }, { scope: 'worker', timeout: 60_000 }],
  leaving: [async ({ at }, use, info) => {
    base.skip(!canPhone(), 'baresip is not installed')
    await use()
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: at.log().slice(-60_000), contentType: 'text/plain' })
    await at.leave()
  }, { auto: true }],
})
