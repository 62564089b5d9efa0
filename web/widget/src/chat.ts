// Chat keeps one customer's conversation in step with the server: it loses and
// repeats nothing across reloads, dropped lines and restarts of the server.
// Stored events have a seq; what is missed is asked for by it. What the
// customer sends waits in an outbox, with an id of its own, until confirmed.
import type { ApiError, Attachment, Call, Event, Frame, HandOver, Lang, Message, Outgoing, Pending, Session, StatusChange, Verb, View } from './types'

export interface Config {
  origin: string
  playbook?: string
  lang?: Lang
  identity?: Record<string, unknown>
  identityToken?: string
  call?: string // of the link to the page of a call: that call's conversation, and no other
}

// One line of the thread: a message, a note such as "Anna is with you now", or
// that a call began or ended.
export type Line = { key: string; at: string } & ({ message: Message } | { note: StatusChange } | { rang: Call })

export interface State {
  session?: Session
  view: View | null
  lines: Line[]
  pending: Pending[]
  typing?: string
  online: boolean // hello was received on the line in use
  shaky: boolean // the line has been gone long enough to say so
  failed?: string
  expired?: boolean // the link of the call no longer opens anything
  ahead: number // how far the server's clock is ahead of this one, in ms
}

const store = {
  get(key: string): string | null { try { return localStorage.getItem(key) } catch { return null } },
  set(key: string, value: string) { try { localStorage.setItem(key, value) } catch { /* private mode: the chat lives as long as the page */ } },
  del(key: string) { try { localStorage.removeItem(key) } catch { /* as above */ } },
}

// The short message with the link to the page of a call is for another screen.
const isLink = (m: Message) => m.channel === 'sms' && m.author.kind !== 'customer' && !!m.content.text?.includes('/call/')

// News of a call may arrive in another order than they were made in.
const older = (c?: Call, than?: Call) => !!c && c.call_id === than?.call_id && (c.rev ?? 0) < (than.rev ?? 0)

export class Failure extends Error {
  constructor(readonly status: number, readonly body: ApiError) { super(body.message) }
}

export class Chat {
  state: State = { view: null, lines: [], pending: [], online: false, shaky: false, ahead: 0 }
  private listeners = new Set<() => void>()
  private seen = new Map<string, number>() // conversation → newest seq shown
  private ws?: WebSocket
  private sse?: EventSource
  private tries = 0
  private timer?: ReturnType<typeof setTimeout>
  private shakyTimer?: ReturnType<typeof setTimeout>
  private opening?: ReturnType<typeof setTimeout>
  private pulse?: ReturnType<typeof setInterval>
  private heard = 0
  private typingOff?: ReturnType<typeof setTimeout>
  private typed = 0
  private sending = false
  private again?: ReturnType<typeof setTimeout>
  private stopped = false
  private stale = false // the token is no longer taken
  private readonly slot: string

  constructor(readonly config: Config) {
    this.slot = `parley:${config.origin}:${config.call ? 'call:' + config.call.slice(-12) : config.playbook ?? ''}`
    const kept = store.get(this.slot + ':outbox')
    if (kept) {
      try { this.state.pending = JSON.parse(kept) as Pending[] } catch { store.del(this.slot + ':outbox') }
    }
    addEventListener('online', this.wake)
    addEventListener('offline', this.gone)
    document.addEventListener('visibilitychange', this.wake)
  }

  subscribe(f: () => void): () => void { this.listeners.add(f); return () => this.listeners.delete(f) }

  /** Whether this browser has talked to us before. */
  known(): boolean { return store.get(this.slot) !== null }

  private set(change: Partial<State>) {
    this.state = { ...this.state, ...change }
    for (const f of this.listeners) f()
  }

  /** Begins or resumes the session. greet opens a conversation when there is none. */
  async start(greet: boolean): Promise<void> {
    if (!this.state.session || this.stale) {
      const { origin: _, identity, identityToken, playbook, lang, call } = this.config
      try {
        const session = await this.call<Session>('POST', '/v1/chat/sessions', call ? { call } : {
          playbook, lang, identity, identity_token: identityToken, token: store.get(this.slot) ?? undefined,
          page: { url: location.href.slice(0, 2000), title: document.title.slice(0, 300) },
        })
        const before = store.get(this.slot + ':who')
        if (before && before !== session.contact.id) this.forget() // what somebody else had not sent yet is not his
        if (!call) store.set(this.slot, session.token) // who opens a call's link again has the link
        store.set(this.slot + ':who', session.contact.id)
        this.stale = false
        this.set({ session, failed: undefined })
        this.view(session.conversation)
      } catch (e) {
        if (call && e instanceof Failure && e.status >= 400 && e.status < 500 && e.status !== 429) {
          this.set({ expired: true, online: false })
          return this.stop()
        }
        if (e instanceof Failure && e.status === 401 && store.get(this.slot)) {
          store.del(this.slot) // an expired token: begin anew
          return this.start(greet)
        }
        this.set({ failed: e instanceof Error ? e.message : String(e) })
        this.later(() => void this.start(greet))
        return
      }
    }
    if (greet && (!this.state.view || this.state.view.status === 'closed') && this.state.lines.length === 0) {
      try {
        await this.open()
        this.set({ failed: undefined })
      } catch (e) {
        this.set({ failed: e instanceof Error ? e.message : String(e) })
        this.later(() => void this.start(greet))
        return
      }
    }
    if (!this.ws && !this.sse) this.connect()
  }

  /** Forgets who used this browser and what he had not sent yet. */
  forget() {
    for (const part of ['', ':who', ':outbox']) store.del(this.slot + part)
    this.set({ pending: [] })
  }

  /** Starts a new conversation, which greets with the menu. */
  async open() {
    const r = await this.call<{ conversation: View; events: Event[] }>('POST', '/v1/chat/open', {})
    this.view(r.conversation)
    this.events(r.events)
  }

  // The token has run out while the page was open: the session begins anew.
  private renew() {
    if (this.stale || this.stopped) return
    this.stale = true
    this.lost()
    this.later(() => void this.start(false))
  }

  // --- the line -----------------------------------------------------------

  private connect() {
    if (this.stopped || !this.state.session) return
    clearTimeout(this.timer)
    this.limit()
    if (this.tries >= 3 && this.tries % 2 === 1) return void this.connectSSE()
    const ws = new WebSocket(this.config.origin.replace(/^http/, 'ws') + '/v1/chat/ws')
    this.ws = ws
    ws.onopen = () => ws.send(JSON.stringify({ type: 'hello', token: this.state.session!.token, ...this.where() }))
    ws.onmessage = (m) => this.frame(JSON.parse(String(m.data)) as Frame)
    ws.onclose = () => { if (this.ws === ws) this.lost() }
  }

  // A line on which no hello comes is none: some proxies take a WebSocket and
  // pass nothing on.
  private limit(ms = 8000) {
    clearTimeout(this.opening)
    this.opening = setTimeout(() => {
      if (this.ws && this.tries < 3) this.tries = 2 // the next try is by SSE
      this.lost()
    }, ms)
  }

  private where() {
    const id = this.state.view?.id
    return id ? { conversation: id, after: this.seen.get(id) ?? 0 } : {}
  }

  private async connectSSE() {
    try {
      const { ticket } = await this.call<{ ticket: string }>('POST', '/v1/chat/ticket', {})
      if (this.stopped || this.ws || this.sse) return // overtaken
      const w = this.where()
      const q = new URLSearchParams({ ticket, ...(w.conversation ? { conversation: w.conversation, after: String(w.after) } : {}) })
      const sse = new EventSource(`${this.config.origin}/v1/chat/stream?${q}`)
      this.sse = sse
      sse.onmessage = (m) => this.frame(JSON.parse(String(m.data)) as Frame)
      sse.onerror = () => { if (this.sse === sse) this.lost() }
    } catch (e) {
      if (e instanceof Failure && e.status === 401) this.renew()
      else this.lost()
    }
  }

  private lost() {
    const { ws, sse } = this
    this.ws = this.sse = undefined
    ws?.close(); sse?.close()
    clearInterval(this.pulse); clearTimeout(this.opening)
    if (this.state.online) this.set({ online: false })
    this.shakyTimer ??= setTimeout(() => this.set({ shaky: true }), 1500)
    this.later(() => this.connect())
  }

  private later(f: () => void) {
    if (this.stopped) return
    clearTimeout(this.timer)
    const cap = Math.min(30_000, 500 * 2 ** this.tries++)
    this.timer = setTimeout(f, Math.random() * cap)
  }

  // A line may look open for long after the network has gone.
  private gone = () => { if (this.ws || this.sse) this.lost() }

  private wake = () => {
    if (document.visibilityState === 'hidden' || this.stopped) return
    if (this.state.online) {
      // The line may have died while the machine slept: ask, and begin anew if nothing comes.
      if (this.ws?.readyState === 1) { this.ws.send('{"type":"ping"}'); this.limit() }
      void this.flush()
      return
    }
    this.tries = Math.min(this.tries, 1)
    clearTimeout(this.timer)
    if (!this.ws && !this.sse) { if (this.state.session) this.connect() }
  }

  private frame(f: Frame) {
    this.heard = Date.now()
    clearTimeout(this.opening)
    switch (f.type) {
      case 'hello':
        this.tries = 0
        clearTimeout(this.shakyTimer); this.shakyTimer = undefined
        this.view(f.conversation)
        this.events(f.events ?? [])
        this.set({ online: true, shaky: false })
        clearInterval(this.pulse)
        this.pulse = setInterval(() => {
          if (Date.now() - this.heard > 45_000) this.lost()
          else if (this.ws?.readyState === 1) this.ws.send('{"type":"ping"}')
        }, 20_000)
        void this.flush()
        break
      case 'event': this.events([f.event]); break
      case 'conversation': this.view(f.conversation); break
      case 'ack': this.confirmed(f.client_id, f.message); break
      case 'error':
        if (f.client_id) this.refused(f.client_id, f.error.message)
        else if (f.error.kind === 'unauthenticated') this.renew()
        break
    }
  }

  private view(v: View | null) {
    const old = this.state.view
    if (!v || (old && v.id === old.id && v.seq < old.seq)) return // an answer that was overtaken
    this.set({ view: old && v.id === old.id && older(v.call, old.call) ? { ...v, call: old.call } : v })
    if (old && v.id !== old.id) void this.catchUp(v.id)
  }

  // How a call stands comes by the line; an answer to something else may be older.
  private answered(v: View) {
    const now = this.state.view
    this.view(this.state.online && now?.id === v.id ? { ...v, call: now.call } : v)
  }

  // A new conversation began while the line was up: read it from its start.
  private async catchUp(id: string) {
    const q = new URLSearchParams({ conversation: id, after: String(this.seen.get(id) ?? 0) })
    const r = await this.call<{ events: Event[] }>('GET', `/v1/chat/events?${q}`).catch(() => ({ events: [] }))
    this.events(r.events)
  }

  private events(events: Event[]) {
    let lines = this.state.lines
    let pending = this.state.pending
    for (const e of events) {
      if (e.seq) {
        const newest = this.seen.get(e.conversation_id) ?? 0
        if (e.seq <= newest) continue
        this.seen.set(e.conversation_id, e.seq)
      }
      const key = `${e.conversation_id}:${e.seq ?? ''}`
      if (e.kind === 'message') {
        const message = e.data as Message
        if (isLink(message)) continue
        lines = [...lines, { key, at: e.at, message }]
        if (message.author.kind === 'customer') pending = pending.filter((p) => p.out.client_id !== message.external_id)
        else this.set({ typing: undefined })
      } else if (e.kind === 'status') {
        lines = [...lines, { key, at: e.at, note: e.data as StatusChange }]
      } else if (e.kind === 'typing') {
        const d = e.data as { by: string; name?: string; on: boolean }
        if (d.by !== 'customer') this.showTyping(d.on ? d.name ?? '' : undefined)
      } else if (e.kind === 'read' && this.state.view) {
        const d = e.data as { by: string; seq: number }
        if (d.by === 'agent') this.set({ view: { ...this.state.view, agent_seq: Math.max(this.state.view.agent_seq, d.seq) } })
      } else if (e.kind === 'place' && this.state.view) {
        this.set({ view: { ...this.state.view, place: e.data as View['place'] } })
      } else if (e.kind === 'call') {
        const call = e.data as Call
        if (e.seq) lines = [...lines, { key, at: e.at, rang: call }]
        else if (this.state.view?.id === e.conversation_id && !older(call, this.state.view.call)) this.set({ view: { ...this.state.view, call }, ahead: Date.parse(e.at) - Date.now() })
      }
    }
    if (lines !== this.state.lines || pending !== this.state.pending) { this.set({ lines, pending }); this.keep() }
  }

  private showTyping(name?: string) {
    clearTimeout(this.typingOff)
    this.set({ typing: name })
    if (name !== undefined) this.typingOff = setTimeout(() => this.set({ typing: undefined }), 6000)
  }

  // --- the outbox ---------------------------------------------------------

  /** Sends one thing. label is shown until the server has confirmed it. */
  send(out: Omit<Outgoing, 'client_id'>, label: string) {
    const full: Outgoing = { ...out, client_id: crypto.randomUUID?.() ?? String(Date.now()) + Math.random() }
    this.set({ pending: [...this.state.pending, { out: full, label }] })
    this.keep()
    void this.flush()
  }

  command(command: Verb, label: string) { this.send({ command }, label) }

  retry(id: string) {
    this.set({ pending: this.state.pending.map((p) => (p.out.client_id === id ? { ...p, error: undefined } : p)) })
    void this.flush()
  }

  // One at a time and in order, and only after hello, so that the order the
  // customer wrote in is the order everybody reads.
  private async flush() {
    if (this.sending || !this.state.online) return
    this.sending = true
    try {
      for (let next = this.next(); next && this.state.online; next = this.next()) {
        const { client_id } = next.out
        try {
          const r = await this.call<{ message: Message; conversation: View }>('POST', '/v1/chat/messages', next.out)
          this.answered(r.conversation)
          this.confirmed(client_id, r.message)
        } catch (e) {
          if (e instanceof Failure && e.status === 401) { this.renew(); return }
          if (!(e instanceof Failure) || e.status === 429 || e.status >= 500) {
            clearTimeout(this.again)
            this.again = setTimeout(() => void this.flush(), 2000 + 2000 * Math.random())
            return
          }
          this.refused(client_id, e.message)
        }
      }
    } finally { this.sending = false }
  }

  private next() { return this.state.pending.find((p) => !p.error && !p.done) }

  // Confirmed: it is in the record. It stays in sight as pending until its
  // event comes, so that nothing blinks or changes places.
  private confirmed(id: string, message: Message) {
    const seen = this.seen.get(message.conversation_id) ?? 0
    if (seen >= message.seq) this.set({ pending: this.state.pending.filter((p) => p.out.client_id !== id) })
    else this.set({ pending: this.state.pending.map((p) => (p.out.client_id === id ? { ...p, done: true } : p)) })
    this.keep()
  }

  private refused(id: string, why: string) {
    this.set({ pending: this.state.pending.map((p) => (p.out.client_id === id ? { ...p, error: why } : p)) })
    this.keep()
  }

  private keep() {
    const open = this.state.pending.filter((p) => !p.done)
    if (open.length) store.set(this.slot + ':outbox', JSON.stringify(open.slice(-50)))
    else store.del(this.slot + ':outbox')
  }

  // --- the rest -----------------------------------------------------------

  read(seq: number) {
    const v = this.state.view
    if (!v || seq <= v.customer_seq || !this.state.online) return
    this.set({ view: { ...v, customer_seq: seq } })
    this.tell({ type: 'read', seq }, '/v1/chat/read', { conversation: v.id, seq })
  }

  typing() {
    const v = this.state.view
    if (!v?.agent || Date.now() - this.typed < 3000) return
    this.typed = Date.now()
    this.tell({ type: 'typing', on: true }, '/v1/chat/typing', { conversation: v.id, on: true })
  }

  private tell(frame: object, path: string, body: object) {
    if (this.ws?.readyState === 1) this.ws.send(JSON.stringify(frame))
    else this.call('POST', path, body).catch(() => { /* a refresh heals it */ })
  }

  async upload(file: File, progress: (share: number) => void): Promise<Attachment> {
    return new Promise((resolve, reject) => {
      const x = new XMLHttpRequest()
      x.open('POST', this.config.origin + '/v1/chat/uploads')
      x.setRequestHeader('Authorization', 'Bearer ' + this.state.session!.token)
      x.timeout = 120_000
      x.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total)
      x.onload = () => {
        const body = JSON.parse(x.responseText || '{}')
        if (x.status < 300) resolve(body as Attachment)
        else reject(new Failure(x.status, body as ApiError))
      }
      x.onerror = x.ontimeout = () => reject(new Error('upload'))
      const form = new FormData()
      form.append('file', file)
      x.send(form)
    })
  }

  async rate(stars: number, note: string) {
    const v = this.state.view
    if (!v) return
    await this.call('POST', '/v1/chat/rating', { conversation: v.id, stars, note: note || undefined })
    this.set({ view: { ...v, rating: stars } })
  }

  async editCard(edit: { wants?: string; set?: HandOver['facts']; remove?: string[] }) {
    const v = this.state.view
    if (!v) return
    const r = await this.call<{ conversation?: View }>('PUT', '/v1/chat/hand-over', { conversation: v.id, ...edit })
    if (r?.conversation) this.set({ view: r.conversation })
  }

  /** Asks to be called back; throws a Failure when that is refused. */
  async callback(phone?: string, at?: Date) {
    const r = await this.call<{ conversation: View }>('POST', '/v1/chat/callback', { phone: phone || undefined, at: at?.toISOString() })
    this.answered(r.conversation)
  }

  /** Begins a call by this browser: the offer goes there, the answer comes back. */
  talk(sdp: string) {
    return this.call<{ sdp: string; call: string }>('POST', '/v1/chat/call', { sdp, conversation: this.state.view?.id })
  }

  async hangUp(call: string) { await this.call('POST', '/v1/chat/call/end', { call }) }

  async language(lang: Lang) {
    if (this.state.session) await this.call('POST', '/v1/chat/lang', { lang }).catch(() => { /* the next message carries it */ })
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer); clearTimeout(this.again); clearTimeout(this.shakyTimer); clearTimeout(this.opening); clearInterval(this.pulse)
    const { ws, sse } = this
    this.ws = this.sse = undefined
    ws?.close(); sse?.close()
    removeEventListener('online', this.wake)
    removeEventListener('offline', this.gone)
    document.removeEventListener('visibilitychange', this.wake)
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const token = this.state.session?.token
    const r = await fetch(this.config.origin + path, {
      method, signal: AbortSignal.timeout(15_000), credentials: 'omit', body: body === undefined ? undefined : JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: 'Bearer ' + token } : {}) },
    })
    const text = await r.text()
    const data = text ? JSON.parse(text) : {}
    if (!r.ok) throw new Failure(r.status, data as ApiError)
    return data as T
  }
}
