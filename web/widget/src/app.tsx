import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Chat, Line, State } from './chat'
import type { Lang, Message, Option, Pending, StatusChange } from './types'
import { Composer } from './composer'
import { Icon } from './icons'
import { Body } from './parts'
import { t, type Key } from './strings'
import { Waiting } from './waiting'

export interface Look { title?: string; accent?: string; left?: boolean; dark?: boolean }
export interface Control { open: boolean; lang?: Lang; set: (c: Partial<Omit<Control, 'set'>>) => void }

export function useChat(chat: Chat): State {
  const [, redraw] = useState(0)
  useEffect(() => chat.subscribe(() => redraw((n) => n + 1)), [chat])
  return chat.state
}

export function App({ chat, look, control }: { chat: Chat; look: Look; control: Control }) {
  const s = useChat(chat)
  const lang = control.lang ?? s.session?.contact.lang ?? 'en'
  const { open } = control
  const launcher = useRef<HTMLButtonElement>(null)
  const was = useRef(open)
  useEffect(() => {
    if (open) void chat.start(true).catch(() => { /* shown as state.failed or as a lost line */ })
    else if (was.current) launcher.current?.focus()
    was.current = open
  }, [open])

  const fresh = s.lines.filter((l) => 'message' in l && l.message.author.kind !== 'customer' && l.message.conversation_id === s.view?.id && l.message.seq > s.view.customer_seq)
  const newest = s.lines.at(-1)
  useEffect(() => {
    if (!open || !s.view) return
    const read = () => { if (document.visibilityState === 'visible' && s.view) chat.read(s.lines.reduce((n, l) => Math.max(n, 'message' in l && l.message.conversation_id === s.view!.id ? l.message.seq : 0), 0)) }
    read()
    document.addEventListener('visibilitychange', read)
    return () => document.removeEventListener('visibilitychange', read)
  }, [open, newest, s.online])

  const accent = look.accent ?? s.session?.brand.accent
  const style = accent ? { '--accent': accent, '--on-accent': onColour(accent) } : undefined
  const peek = fresh.at(-1)
  return (
    <div class={'root' + (open ? ' open' : '') + (look.left ? ' left' : '') + (look.dark ? ' dark' : '')} style={style} lang={lang === 'zh' ? 'zh-CN' : 'en'}>
      {open ? <Panel chat={chat} s={s} lang={lang} look={look} control={control} /> : (
        <button ref={launcher} type="button" class="launch" aria-label={t(lang, 'open') + (fresh.length ? `, ${t(lang, 'unread', { n: fresh.length })}` : '')} onClick={() => control.set({ open: true })}>
          <Icon name="chat" size={26} />
          {peek && 'message' in peek ? <span class="peek">{peek.message.content.text}</span> : t(lang, 'chat')}
          {fresh.length > 0 && <span class="badge">{fresh.length}</span>}
        </button>
      )}
    </div>
  )
}

function Panel({ chat, s, lang, look, control }: { chat: Chat; s: State; lang: Lang; look: Look; control: Control }) {
  const v = s.view
  const title = look.title ?? s.session?.brand.title ?? t(lang, 'chat')
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => { panel.current?.focus() }, [])
  const pick = (o: Option) => {
    const from = s.lines.findLast((l) => 'message' in l && offers(l.message, o.id))
    if (from && 'message' in from) chat.send({ conversation: from.message.conversation_id, choice: { message_id: from.message.id, option_id: o.id } }, o.label)
  }
  const other: Lang = lang === 'en' ? 'zh' : 'en'
  const waiting = v && (v.status === 'waiting' || v.status === 'offered')
  return (
    <div class="panel" role="dialog" aria-label={title} tabIndex={-1} ref={panel} onKeyDown={(e) => { if (e.key === 'Escape') control.set({ open: false }) }}>
      <header>
        <h2>{title}<small>{v?.agent?.name && v.status !== 'closed' ? v.agent.name : s.session?.brand.greeting || t(lang, 'bot')}</small></h2>
        <button type="button" class="ib lang" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => { control.set({ lang: other }); void chat.language(other) }}>{t(lang, 'lang')}</button>
        <button type="button" class="ib" aria-label={t(lang, 'close')} onClick={() => control.set({ open: false })}><Icon name="down" size={24} /></button>
      </header>
      {s.shaky && <div class="banner" role="status">{t(lang, 'offline')}</div>}
      {s.failed && <div class="banner" role="alert">{t(lang, 'loadFailed')} {s.failed}</div>}
      {waiting && <Waiting chat={chat} view={v} lang={lang} />}
      <Thread chat={chat} s={s} lang={lang} pick={pick} />
      {v?.status === 'closed' ? <End chat={chat} s={s} lang={lang} /> : (
        <>
          {(!v || v.status === 'automated') && (
            <div class="tools">
              <button type="button" class="tool" onClick={() => chat.command('start', t(lang, 'menu'))}><Icon name="menu" size={17} />{t(lang, 'menu')}</button>
              <button type="button" class="tool" onClick={() => chat.command('human', t(lang, 'human'))}><Icon name="person" size={17} />{t(lang, 'human')}</button>
            </div>
          )}
          <Composer chat={chat} view={v} lang={lang} />
        </>
      )}
    </div>
  )
}

const offers = (m: Message, id: string) => m.content.options?.some((o) => o.id === id) || m.content.card?.lines?.some((l) => l.edit?.id === id)

function Thread({ chat, s, lang, pick }: { chat: Chat; s: State; lang: Lang; pick: (o: Option) => void }) {
  const box = useRef<HTMLDivElement>(null)
  const stick = useRef(true)
  useLayoutEffect(() => { if (stick.current && box.current) box.current.scrollTop = box.current.scrollHeight })
  // Options are live under the newest thing said to the customer, until he answers it.
  const said = s.lines.findLast((l) => 'message' in l)
  const live = said && 'message' in said && said.message.author.kind === 'bot' && !s.pending.some((p) => !p.error) && s.view?.status === 'automated' ? said.message : undefined
  let before = ''
  return (
    <div class="thread" ref={box} onScroll={(e) => { const el = e.currentTarget; stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < 60 }}>
      <div role="log" aria-live="polite" style={{ display: 'contents' }}>
        {!s.session && !s.failed && [0, 1, 2].map((n) => <div class={'skel' + (n ? '' : ' s')} key={n} />)}
        {s.lines.map((l) => {
          if ('note' in l) { before = ''; return <NoteLine key={l.key} note={l.note} lang={lang} /> }
          const who = l.message.author.kind + (l.message.author.name ?? '')
          const first = who !== before
          before = who
          return <Row key={l.key} line={l} lang={lang} first={first} pick={pick} live={l.message === live} last={l === said} chat={chat} s={s} />
        })}
        {s.pending.map((p) => <Waits key={p.out.client_id} p={p} lang={lang} chat={chat} online={s.online} />)}
        {s.typing !== undefined && <div class="typing"><span class="dots" aria-hidden="true"><i /><i /><i /></span>{s.typing || t(lang, 'bot')} {t(lang, 'typing')}</div>}
      </div>
    </div>
  )
}

function Row({ line, lang, first, pick, live, last, chat, s }: { line: Line & { message: Message }; lang: Lang; first: boolean; pick: (o: Option) => void; live: boolean; last: boolean; chat: Chat; s: State }) {
  const m = line.message
  const me = m.author.kind === 'customer'
  const wide = !!m.content.card || (live && !!m.content.menu)
  return (
    <div class={'row' + (me ? ' me' : '') + (wide ? ' wide' : '')}>
      {first && !me && <span class="who">{m.author.kind === 'agent' ? m.author.name : t(lang, 'bot')}</span>}
      <span class="vh">{me ? t(lang, 'you') : ''} </span>
      <Body content={m.content} lang={lang} pick={pick} live={live} origin={chat.config.origin} />
      {me && last && <span class="state">{s.view && s.view.agent_seq >= m.seq ? t(lang, 'read') : t(lang, 'sent')}</span>}
    </div>
  )
}

function Waits({ p, lang, chat, online }: { p: Pending; lang: Lang; chat: Chat; online: boolean }) {
  return (
    <div class="row me">
      <div class="bubble" style={{ opacity: p.done ? 1 : 0.75 }}>{p.label}</div>
      {p.error
        ? <span class="state bad" role="alert">{t(lang, 'failed')}: {p.error} <button type="button" onClick={() => chat.retry(p.out.client_id)}>{t(lang, 'retry')}</button></span>
        : !p.done && <span class="state">{online ? t(lang, 'sending') : '…'}</span>}
    </div>
  )
}

function NoteLine({ note, lang }: { note: StatusChange; lang: Lang }) {
  let key: Key | undefined
  if (note.to === 'assigned' && note.from !== 'parked' && note.agent?.name) key = 'joined'
  else if (note.reason === 'released') key = 'left'
  else if (note.reason === 'transferred') key = 'transferred'
  else if (note.to === 'closed') key = 'closed'
  return key ? <div class="note">{t(lang, key, { name: note.agent?.name ?? '' })}</div> : null
}

function End({ chat, s, lang }: { chat: Chat; s: State; lang: Lang }) {
  const [stars, setStars] = useState(0)
  const [note, setNote] = useState('')
  const rated = s.view?.rating
  return (
    <div class="end">
      {rated ? <div role="status">{t(lang, 'rated')}</div> : (
        <>
          <div id="rate">{t(lang, 'rate')}</div>
          <div class="stars" role="radiogroup" aria-labelledby="rate">
            {[1, 2, 3, 4, 5].map((n) => <button type="button" key={n} role="radio" aria-checked={stars === n} aria-label={t(lang, 'stars', { n })} onClick={() => setStars(n)}><Icon name="star" size={30} fill={n <= stars} /></button>)}
          </div>
          {stars > 0 && (
            <>
              <input value={note} maxLength={1000} placeholder={t(lang, 'note')} aria-label={t(lang, 'note')} onInput={(e) => setNote(e.currentTarget.value)} />
              <button type="button" class="big" onClick={() => void chat.rate(stars, note)}>{t(lang, 'rateSend')}</button>
            </>
          )}
        </>
      )}
      <button type="button" class="chip" onClick={() => void chat.open()}>{t(lang, 'again')}</button>
    </div>
  )
}

// White or black, whichever reads better on the brand's colour (WCAG 2.2, relative luminance).
export function onColour(hex: string): string {
  const m = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex)
  if (!m) return '#fff'
  const [r, g, b] = m.slice(1).map((h) => { const c = parseInt(h, 16) / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#111' : '#fff'
}
