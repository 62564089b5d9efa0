import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Chat } from '../src/chat'
import type { Event, Message, Outgoing } from '../src/types'

// A server in memory that numbers, keeps and drops repeats as the real one does.
class Server {
  events: Event[] = []
  sockets: Socket[] = []
  posts: Outgoing[] = []
  down = false
  who = 'p'
  view() { return { id: 'c1', status: 'automated', seq: this.events.length, lang: 'en', customer_seq: 0, agent_seq: 0 } }
  say(text: string, kind: 'bot' | 'customer' = 'bot', external_id?: string): Message {
    const seq = this.events.length + 1
    const message = { id: 'm' + seq, conversation_id: 'c1', seq, author: { kind }, content: { text }, external_id, at: '2026-01-05T09:00:00Z' } as Message
    const event = { conversation_id: 'c1', seq, kind: 'message', data: message, at: message.at }
    this.events.push(event)
    for (const s of this.sockets) s.push({ type: 'event', event })
    return message
  }
  async fetch(url: string, init: { body?: string }): Promise<Response> {
    if (this.down) throw new TypeError('network')
    const path = new URL(url).pathname
    const body = init.body ? JSON.parse(init.body) : {}
    if (path === '/v1/chat/sessions') return json({ token: 'T', contact: { id: this.who, name: '', lang: 'en' }, conversation: this.view(), brand: {}, limits: {} })
    if (path === '/v1/chat/messages') {
      const out = body as Outgoing
      this.posts.push(out)
      const had = this.events.find((e) => (e.data as Message).external_id === out.client_id)
      const message = had ? (had.data as Message) : this.say(out.text ?? '', 'customer', out.client_id)
      return json({ message, conversation: this.view(), repeat: !!had })
    }
    return json({})
  }
}
const json = (v: unknown) => new Response(JSON.stringify(v), { status: 200 })

let server: Server
class Socket {
  static OPEN = 1
  readyState = 0
  onopen?: () => void; onclose?: () => void; onmessage?: (m: { data: string }) => void
  constructor() {
    setTimeout(() => { if (server.down) this.close(); else { this.readyState = 1; this.onopen?.() } })
  }
  send(data: string) {
    const f = JSON.parse(data)
    if (f.type !== 'hello') return
    server.sockets.push(this)
    this.push({ type: 'hello', conversation: server.view(), events: server.events.filter((e) => e.seq! > (f.after ?? 0)) })
  }
  push(f: object) { this.onmessage?.({ data: JSON.stringify(f) }) }
  close() { server.sockets = server.sockets.filter((s) => s !== this); this.readyState = 3; this.onclose?.() }
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  server = new Server()
  vi.stubGlobal('fetch', (u: string, i: { body?: string }) => server.fetch(u, i))
  vi.stubGlobal('WebSocket', Socket)
})
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals() })

const texts = (c: Chat) => c.state.lines.map((l) => ('message' in l ? l.message.content.text : 'note'))
const settle = (ms = 50) => vi.advanceTimersByTimeAsync(ms)

test('messages missed while the line was down come in order, once', async () => {
  server.say('hello')
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  server.say('one')
  server.down = true
  for (const s of server.sockets) s.close()
  server.say('two'); server.say('three')
  await settle(2000)
  expect(c.state.shaky).toBe(true)
  server.down = false
  await settle(40_000)
  expect(texts(c)).toEqual(['hello', 'one', 'two', 'three'])
  expect(c.state.shaky).toBe(false)
})

test('what is written offline is sent once, in order, after the line is back', async () => {
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  server.down = true
  for (const s of server.sockets) s.close()
  c.send({ text: 'a' }, 'a'); c.send({ text: 'b' }, 'b')
  await settle(2000)
  expect(c.state.pending.map((p) => p.label)).toEqual(['a', 'b'])
  server.down = false
  await settle(40_000)
  expect(texts(c)).toEqual(['a', 'b'])
  expect(c.state.pending).toEqual([])
  expect(server.posts.map((p) => p.text)).toEqual(['a', 'b'])
})

test('an answer lost on the way back does not repeat the message', async () => {
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  const real = server.fetch.bind(server)
  let lost = 0
  server.fetch = async (u, i) => {
    const r = await real(u, i)
    if (u.endsWith('/messages') && lost++ === 0) throw new TypeError('reset')
    return r
  }
  c.send({ text: 'pay' }, 'pay')
  await settle()
  for (const s of server.sockets) s.close()
  await settle(40_000)
  expect(texts(c)).toEqual(['pay'])
  expect(server.events.length).toBe(1)
})

test('the outbox survives a reload', async () => {
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  server.down = true
  for (const s of server.sockets) s.close()
  c.send({ text: 'later' }, 'later')
  c.stop()
  server.down = false
  const again = new Chat({ origin: 'http://x' })
  await again.start(false); await settle()
  expect(texts(again)).toEqual(['later'])
})

test('what somebody had not sent yet is not sent by the next one who uses the browser', async () => {
  const first = new Chat({ origin: 'http://x' })
  await first.start(false); await settle()
  server.down = true
  for (const s of server.sockets) s.close()
  first.send({ text: 'my secret' }, 'my secret')
  first.stop()
  server.down = false
  server.who = 'q'
  const next = new Chat({ origin: 'http://x' })
  await next.start(false)
  await settle(60_000)
  expect(server.posts).toEqual([])
  expect(next.state.pending).toEqual([])
})

const news = (state: string, more: object = {}) => ({ type: 'event', event: { conversation_id: 'c1', kind: 'call', data: { call_id: 'k', state, since: '2026-01-05T09:00:00Z', ...more }, at: '2026-01-05T09:00:01Z' } })

test('how a call stands is shown as it is told, and an answer to something else does not take it back', async () => {
  server.say('hello')
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  for (const s of server.sockets) s.push(news('menu', { saying: 'm1', keys: 2 }))
  expect(c.state.view!.call).toMatchObject({ state: 'menu', saying: 'm1', keys: 2 })
  c.send({ text: 'a' }, 'a') // its answer has a view without the call
  await settle()
  expect(c.state.view!.call).toMatchObject({ state: 'menu' })
  for (const s of server.sockets) { s.push(news('talking', { rev: 4 })); s.push(news('queued', { rev: 3 })) }
  expect(c.state.view!.call).toMatchObject({ state: 'talking' })
  for (const s of server.sockets) s.push(news('ended', { rev: 5 }))
  expect(c.state.view!.call).toMatchObject({ state: 'ended' })
})

test('the short message with the link is not shown beside what it links to', async () => {
  server.say('How can we help?')
  const link = server.say('See your call on this page: http://x/call/abc')
  Object.assign(link, { channel: 'sms', author: { kind: 'system' } })
  const c = new Chat({ origin: 'http://x', call: 'abc' })
  await c.start(false); await settle()
  expect(texts(c)).toEqual(['How can we help?'])
})

test('a link that opens nothing any more is said to have expired, and not tried again', async () => {
  const real = server.fetch.bind(server)
  let asked = 0
  server.fetch = async (u, i) => {
    if (!u.endsWith('/sessions')) return real(u, i)
    asked++
    return new Response('{"kind":"unauthenticated","code":"link_expired","message":"expired"}', { status: 401 })
  }
  const c = new Chat({ origin: 'http://x', call: 'old' })
  await c.start(false); await settle(60_000)
  expect(c.state.expired).toBe(true)
  expect(asked).toBe(1)
})

test('a token that runs out while the page is open is exchanged, and nothing is lost', async () => {
  const c = new Chat({ origin: 'http://x' })
  await c.start(false); await settle()
  const real = server.fetch.bind(server)
  let refused = false
  server.fetch = async (u, i) => {
    if (u.endsWith('/messages') && !refused) { refused = true; return new Response('{"kind":"unauthenticated","code":"token_expired","message":"x"}', { status: 401 }) }
    return real(u, i)
  }
  c.send({ text: 'still here' }, 'still here')
  await settle(40_000)
  expect(texts(c)).toEqual(['still here'])
  expect(c.state.pending).toEqual([])
})
