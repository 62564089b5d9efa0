// A real telephone: baresip, driven over its control socket. It sends a tone
// of its own and writes down what it hears.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loudness, readWAV, writeTone, type Sound } from './tone'

interface News { event?: boolean; type?: string; param?: string; peeruri?: string; response?: boolean; ok?: boolean; data?: string; token?: string }

export interface PhoneOptions {
  /** Who it is: a number, or the user of an account. */
  user: string
  /** Where it listens; a free port if none is given. */
  port?: number
  tone?: number
  /** Takes every call by itself. */
  auto?: boolean
  /** Where it registers, and how. */
  register?: { at: string; password: string; transport?: 'udp' | 'tls'; ca?: string }
}

const patience = 20_000

/** A port on which nobody listens, for UDP and TCP. It lies between those of the
 *  audio and those that the kernel gives to outgoing connections: one of them, or its
 *  TIME_WAIT, could take it before the peer does. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = 30_000 + Math.floor(Math.random() * 2700)
    const tcp = createServer()
    const udp = createSocket('udp4')
    const free = await new Promise<boolean>((done) => {
      tcp.once('error', () => done(false))
      udp.once('error', () => done(false))
      tcp.listen(port, '127.0.0.1', () => udp.bind(port, '127.0.0.1', () => done(true)))
    })
    udp.close()
    if (tcp.listening) {
      tcp.close()
      await once(tcp, 'close')
    }
    if (free) return port
  }
  throw new Error('no free port')
}

export class Phone {
  private readonly dir = mkdtempSync(join(tmpdir(), 'parley-phone-'))
  private child!: ChildProcess
  private line!: Socket
  private readonly news: News[] = []
  private waiting: (() => void)[] = []
  private log = ''
  private constructor(readonly o: PhoneOptions & { port: number }) {}

  get user() { return this.o.user }

  static async start(o: PhoneOptions): Promise<Phone> {
    const p = new Phone({ ...o, port: o.port ?? await freePort() })
    await p.begin()
    return p
  }

  private async begin() {
    const { port, tone = 440, register: r } = this.o
    const control = await freePort()
    const heard = join(this.dir, 'heard')
    mkdirSync(heard)
    writeTone(join(this.dir, 'tone.wav'), tone, 600) // it hangs up when the sound ends
    const modules = ['g711', 'aufile', 'aubridge', 'sndfile', ...(r?.transport === 'tls' ? ['srtp'] : [])]
    writeFileSync(join(this.dir, 'config'), `
poll_method epoll
sip_listen 127.0.0.1:${port}
sip_verify_server ${r?.ca ? 'yes' : 'no'}
${r?.ca ? `sip_cafile ${r.ca}` : ''}
call_local_timeout 120
call_max_calls 4
audio_source aufile,${join(this.dir, 'tone.wav')}
audio_player aubridge,sink
audio_alert aubridge,alert
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_stats no
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
${modules.map((m) => `module ${m}.so`).join('\n')}
module_tmp account.so
module_app menu.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
snd_path ${heard}
`)
    const parameters = [
      r ? `auth_user=${this.user};auth_pass=${r.password};regint=60` : 'regint=0', 'audio_codecs=pcma,pcmu',
      ...(this.o.auto ? ['answermode=auto'] : []), ...(r?.transport === 'tls' ? ['mediaenc=srtp-mand'] : []),
    ].join(';')
    writeFileSync(join(this.dir, 'accounts'), `<sip:${this.user}@${r?.at ?? '127.0.0.1'}${r?.transport ? `;transport=${r.transport}` : ''}>;${parameters}\n`)
    writeFileSync(join(this.dir, 'contacts'), '')
    this.child = spawn('baresip', ['-f', this.dir], { stdio: ['pipe', 'pipe', 'pipe'] }) // without keys to read it would spin
    for (const out of [this.child.stdout!, this.child.stderr!]) out.on('data', (b: Buffer) => { this.log = (this.log + b.toString()).slice(-20_000) })
    const until = Date.now() + patience
    for (;;) {
      this.line = connect(control, '127.0.0.1')
      if (await new Promise<boolean>((done) => { this.line.once('connect', () => done(true)).once('error', () => done(false)) })) break
      if (Date.now() > until || this.child.exitCode !== null) throw new Error('baresip did not start:\n' + this.log)
      await sleep(50)
    }
    this.line.on('error', () => { /* it was ended */ })
    let buf = Buffer.alloc(0)
    this.line.on('data', (b: Buffer) => {
      buf = Buffer.concat([buf, b])
      for (;;) {
        const colon = buf.indexOf(':')
        const n = Number(buf.subarray(0, Math.max(colon, 0)).toString())
        if (colon < 1 || buf.length < colon + n + 2) return
        this.news.push(JSON.parse(buf.subarray(colon + 1, colon + 1 + n).toString()) as News)
        buf = buf.subarray(colon + n + 2)
        for (const w of this.waiting.splice(0)) w()
      }
    })
    if (r) await this.until('REGISTER_OK')
  }

  /** Does one of baresip's commands, and returns what it says. */
  async do(command: string, params = ''): Promise<string> {
    const token = `${command}-${Math.random()}`
    const text = JSON.stringify({ command, params, token })
    this.line.write(`${Buffer.byteLength(text)}:${text},`)
    const answer = await this.find(`answer to ${command}`, (n) => n.response === true && n.token === token)
    return answer.data ?? ''
  }

  private async find(what: string, f: (n: News) => boolean, limit = patience, from = 0): Promise<News> {
    const until = Date.now() + limit
    for (let i = from; ;) {
      for (; i < this.news.length; i++) if (f(this.news[i]!)) return this.news[i]!
      const left = until - Date.now()
      if (left <= 0) throw new Error(`${this.user}: no ${what} within ${limit} ms; heard of ${this.news.map((n) => n.type).filter(Boolean).join(' ')}\n${this.log.slice(-3000)}`)
      await Promise.race([new Promise<void>((done) => this.waiting.push(done)), sleep(Math.min(left, 500))])
    }
  }

  /** Waits until something is told of, such as CALL_ESTABLISHED; it may have been already, since the last time it was waited for. */
  private readonly seen = new Map<string, number>()
  async until(type: string, limit = patience): Promise<News> {
    const found = await this.find(type, (n) => n.event === true && n.type === type, limit, this.seen.get(type) ?? 0)
    this.seen.set(type, this.news.indexOf(found) + 1)
    return found
  }

  /** Whether something was told of since it was last waited for. */
  has(type: string): boolean {
    return this.news.slice(this.seen.get(type) ?? 0).some((n) => n.event && n.type === type)
  }

  /** Calls, and returns when somebody has answered. */
  async dial(to: string) {
    await this.do('dial', to)
    await this.until('CALL_ESTABLISHED')
  }

  /** Presses keys, one after the other; returns when the last was told to the telephone. */
  async press(keys: string, pause = 150): Promise<number> {
    let at = 0
    for (const [i, key] of [...keys].entries()) {
      if (i > 0) await sleep(pause)
      at = performance.now()
      await this.do('sndcode', key)
    }
    return at
  }

  async rings(limit = patience) { await this.until('CALL_INCOMING', limit) }
  async answer() { await this.do('accept'); await this.until('CALL_ESTABLISHED') }
  async hangup() { await this.do('hangup') }
  async hold() { await this.do('hold') }
  async resume() { await this.do('resume') }
  async transfer(to: string) { await this.do('transfer', to) }
  async ended(limit = patience) { await this.until('CALL_CLOSED', limit) }

  /** Everything it has heard so far, or what came after a mark. */
  heard(from = 0): Sound {
    const dir = join(this.dir, 'heard')
    const parts = existsSync(dir) ? readdirSync(dir).filter((f) => f.endsWith('-dec.wav')).sort().flatMap((f) => readWAV(join(dir, f)).slice(0, 1)) : []
    const all = new Float32Array(parts.reduce((n, p) => n + p.samples.length, 0))
    let at = 0
    for (const p of parts) { all.set(p.samples, at); at += p.samples.length }
    return { rate: 8000, samples: all.subarray(Math.min(from, all.length)) }
  }

  /** Where what is heard now begins. Only what arrives counts: silence is not sent. */
  mark(): number { return this.heard().samples.length }

  /** Waits until so many seconds of audio have come after a mark, and returns them. */
  async hears(seconds: number, from = this.mark(), limit = patience): Promise<Sound> {
    const until = Date.now() + limit
    for (;;) {
      const s = this.heard(from)
      if (s.samples.length >= seconds * s.rate) return s
      if (Date.now() > until) throw new Error(`${this.user}: heard ${(s.samples.length / s.rate).toFixed(2)} s of ${seconds} s\n${this.log.slice(-2000)}`)
      await sleep(20)
    }
  }

  /** Waits until something loud arrives after a mark; returns when it was noticed. */
  async voice(from = this.mark(), limit = patience): Promise<number> {
    const until = Date.now() + limit
    for (;;) {
      const s = this.heard(from)
      for (let i = 0; i + 400 <= s.samples.length; i += 400) if (loudness(s.samples.subarray(i, i + 400)) > 0.02) return performance.now()
      if (Date.now() > until) throw new Error(`${this.user}: heard nothing in ${limit} ms, ${s.samples.length / s.rate} s of audio`)
      await sleep(20)
    }
  }

  /** Waits until something is said, and returns where in what was heard that begins. */
  async begins(): Promise<number> {
    const at = this.mark()
    await this.voice(at)
    return at
  }

  /** Waits until nothing has arrived, or only silence, for so long; returns when the last sound was noticed. */
  async quiet(ms: number, limit = patience): Promise<number> {
    const until = Date.now() + limit
    let at = this.mark()
    let last = performance.now()
    for (;;) {
      await sleep(10)
      const s = this.heard(at)
      if (s.samples.length >= 160) {
        if (loudness(s.samples) > 0.005) last = performance.now()
        at += s.samples.length
      }
      if (performance.now() - last >= ms) return last
      if (Date.now() > until) throw new Error(`${this.user}: it is never quiet`)
    }
  }

  /** The end of the process, without a word to the other side. */
  async kill() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    this.line.destroy()
    await gone
  }

  async remove() {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** The newest lines that baresip wrote. */
  says(): string { return this.log.slice(-4000) }
}

/** Whether there is a telephone on this machine. Where tests must be complete, its absence fails them. */
export function canPhone(): boolean {
  const found = (process.env.PATH ?? '').split(':').some((d) => existsSync(join(d, 'baresip')))
  if (!found && process.env.CI) throw new Error('baresip is not installed: scripts/deps.sh installs it')
  if (!found) console.warn('\n*** NO TELEPHONE: baresip is not installed, the tests of calls are skipped ***\n')
  return found
}
