import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Chat, Line, State } from './chat'
import type { Call, Lang, Message, Option, Pending, StatusChange } from './types'
import { colours } from './colour'
import { Composer } from './composer'
import { fit, useFollow } from './focus'
import { Icon } from './icons'
import { Body, type Pick } from './parts'
import { plain } from './markdown'
import { t, type Key } from './strings'
import { clock } from './timer'
import { Promised } from './callback'
import { Talk } from './talk'
import { TalkBar, useTalk } from './talkbar'
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

  const talk = useTalk(chat, s)
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
  const style = accent ? colours(accent, look.dark) : undefined
  const peek = fresh.at(-1)
  const glance = peek && 'message' in peek ? plain(peek.message.content.text ?? peek.message.content.attachments?.[0]?.name ?? '') : ''
  return (
    <div class={'root' + (open ? ' open' : '') + (look.left ? ' left' : '') + (look.dark ? ' dark' : '')} style={style} lang={lang === 'zh' ? 'zh-CN' : 'en'}>
      {open ? <Panel chat={chat} s={s} lang={lang} look={look} control={control} talk={talk} /> : (
        <button ref={launcher} type="button" class="launch" aria-label={peek ? undefined : t(lang, 'open')} onClick={() => control.set({ open: true })}>
          <Icon name={talk.on ? 'phone' : 'chat'} size={26} />
          {peek ? <span class="peek"><span class="vh">{t(lang, 'open')}, {t(lang, 'unread', { n: fresh.length })}: </span>{glance}</span> : t(lang, talk.on ? 'onCall' : 'chat')}
          {peek && <span class="badge" aria-hidden="true">{fresh.length}</span>}
        </button>
      )}
    </div>
  )
}

function Panel({ chat, s, lang, look, control, talk }: { chat: Chat; s: State; lang: Lang; look: Look; control: Control; talk: Talk }) {
  const v = s.view
  const title = look.title ?? s.session?.brand.title ?? t(lang, 'chat')
  const panel = useRef<HTMLDivElement>(null)
  useEffect(() => { panel.current?.focus() }, [])
  useEffect(() => fit(panel.current!), [])
  const said = newestSaid(s)
  const live = liveOf(s)
  // The question says how it may be answered; the view only follows later.
  const asking = live && (live.content.input ?? (v && v.seq >= live.seq ? v.asking : undefined))
  const follow = useFollow(panel, said)
  const pick = (o: Option, e: MouseEvent) => {
    follow(e)
    const from = s.lines.findLast((l) => 'message' in l && offers(l.message, o.id))
    if (from && 'message' in from) chat.send({ conversation: from.message.conversation_id, choice: { message_id: from.message.id, option_id: o.id } }, o.label)
  }
  const other: Lang = lang === 'en' ? 'zh' : 'en'
  const waiting = v && (v.status === 'waiting' || v.status === 'offered')
  const calls = !!s.session?.calls && Talk.possible()
  return (
    <div class="panel" role="dialog" aria-label={title} tabIndex={-1} ref={panel} onKeyDown={(e) => { if (e.key === 'Escape') control.set({ open: false }) }}>
      <header>
        <h2>{title}<small>{v?.agent?.name && v.status !== 'closed' ? v.agent.name : s.session?.brand.greeting || t(lang, 'bot')}</small></h2>
        {calls && <button type="button" class="ib" aria-label={t(lang, 'talk')} title={t(lang, 'talk')} disabled={talk.on} onClick={() => void talk.begin()}><Icon name="phone" size={22} /></button>}
        <button type="button" class="ib lang" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => { control.set({ lang: other }); void chat.language(other) }}>{t(lang, 'lang')}</button>
        <button type="button" class="ib" aria-label={t(lang, 'close')} onClick={() => control.set({ open: false })}><Icon name="down" size={24} /></button>
      </header>
      {s.shaky && <div class="banner" role="status">{t(lang, 'offline')}</div>}
      {s.failed && <div class="banner" role="alert">{t(lang, 'loadFailed')}</div>}
      <TalkBar talk={talk} s={s} lang={lang} />
      {v?.callback && <Promised callback={v.callback} lang={lang} />}
      {waiting && !v.callback && <Waiting chat={chat} view={v} lang={lang} />}
      <Thread chat={chat} s={s} lang={lang} pick={pick} said={said} live={live} />
      {v?.status === 'closed' ? <End chat={chat} s={s} lang={lang} /> : (
        <>
          {(!v || v.status === 'automated') && (
            <div class="tools">
              <button type="button" class="tool" onClick={(e) => { follow(e); chat.command('start', t(lang, 'menu')) }}><Icon name="menu" size={17} />{t(lang, 'menu')}</button>
              <button type="button" class="tool" onClick={() => chat.command('human', t(lang, 'human'))}><Icon name="person" size={17} />{t(lang, 'human')}</button>
              {calls && !talk.on && <button type="button" class="tool" onClick={() => void talk.begin()}><Icon name="phone" size={17} />{t(lang, 'talk')}</button>}
            </div>
          )}
          <Composer chat={chat} asking={asking} lang={lang} />
        </>
      )}
    </div>
  )
}

export const offers = (m: Message, id: string) => m.content.options?.some((o) => o.id === id) || m.content.card?.lines?.some((l) => l.edit?.id === id)

type Said = Line & { message: Message }
export const newestSaid = (s: State) => s.lines.findLast((l): l is Said => 'message' in l)

// Options are live under the newest thing said to the customer, until he answers it.
export function liveOf(s: State): Message | undefined {
  const m = newestSaid(s)?.message
  return m?.author.kind === 'bot' && !s.pending.some((p) => !p.error) && s.view?.status === 'automated' ? m : undefined
}

export function Thread({ chat, s, lang, pick, said, live }: { chat: Chat; s: State; lang: Lang; pick: Pick; said?: Said; live?: Message }) {
  const box = useRef<HTMLDivElement>(null)
  const stick = useRef(true)
  useLayoutEffect(() => { if (stick.current && box.current) box.current.scrollTop = box.current.scrollHeight })
  let before = ''
  return (
    <div class="thread" role="log" aria-live="polite" aria-label={t(lang, 'chat')} tabIndex={0} ref={box} onScroll={(e) => { const el = e.currentTarget; stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < 60 }}>
      {!s.session && !s.failed && [0, 1, 2].map((n) => <div class={'skel' + (n ? '' : ' s')} key={n} />)}
      {s.lines.map((l) => {
        if ('note' in l) { before = ''; return <NoteLine key={l.key} note={l.note} lang={lang} /> }
        if ('rang' in l) { before = ''; return <CallLine key={l.key} line={l} lines={s.lines} lang={lang} /> }
        const who = l.message.author.kind + (l.message.author.name ?? '')
        const first = who !== before
        before = who
        return <Row key={l.key} line={l} lang={lang} first={first} pick={pick} live={l.message === live} last={l === said} chat={chat} s={s} />
      })}
      {s.pending.map((p) => <Waits key={p.out.client_id} p={p} lang={lang} chat={chat} online={s.online} />)}
      {s.typing !== undefined && <div class="typing"><span class="dots" aria-hidden="true"><i /><i /><i /></span>{s.typing || t(lang, 'bot')} {t(lang, 'typing')}</div>}
    </div>
  )
}

function Row({ line, lang, first, pick, live, last, chat, s }: { line: Line & { message: Message }; lang: Lang; first: boolean; pick: Pick; live: boolean; last: boolean; chat: Chat; s: State }) {
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
        ? <span class="state bad" role="alert">{t(lang, 'failed')}{lang === 'en' && `: ${p.error}`} <button type="button" onClick={() => chat.retry(p.out.client_id)}>{t(lang, 'retry')}</button></span>
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

// That a call began, and when it ended how long it was.
function CallLine({ line, lines, lang }: { line: Line & { rang: Call }; lines: Line[]; lang: Lang }) {
  const over = line.rang.state === 'ended'
  const began = over && lines.findLast((l) => 'rang' in l && l.rang.state !== 'ended' && l.rang.call_id === line.rang.call_id)
  const time = new Date(line.at).toLocaleTimeString(lang === 'zh' ? 'zh-CN' : 'en-GB', { hour: '2-digit', minute: '2-digit' })
  return <div class="note"><Icon name="phone" size={14} /> {t(lang, over ? 'callEnded' : 'callBegan')} · {began ? clock(Date.parse(line.at) - Date.parse(began.at)) : time}</div>
}

export function End({ chat, s, lang }: { chat: Chat; s: State; lang: Lang }) {
  const [stars, setStars] = useState(0)
  const [note, setNote] = useState('')
  const rated = s.view?.rating
  const step = (e: KeyboardEvent, n: number) => {
    const to = n + ({ ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[e.key] ?? 0)
    if (to === n || to < 1 || to > 5) return
    e.preventDefault()
    setStars(to)
    ;((e.currentTarget as HTMLElement).parentElement!.children[to - 1] as HTMLElement).focus()
  }
  return (
    <div class="end">
      {rated ? <div role="status">{t(lang, 'rated')}</div> : (
        <>
          <div id="rate">{t(lang, 'rate')}</div>
          <div class="stars" role="radiogroup" aria-labelledby="rate">
            {[1, 2, 3, 4, 5].map((n) => <button type="button" key={n} role="radio" aria-checked={stars === n} aria-label={t(lang, 'stars', { n })} tabIndex={n === (stars || 1) ? 0 : -1} onClick={() => setStars(n)} onKeyDown={(e) => step(e, n)}><Icon name="star" size={30} fill={n <= stars} /></button>)}
          </div>
          {stars > 0 && (
            <>
              <input value={note} maxLength={1000} placeholder={t(lang, 'note')} aria-label={t(lang, 'note')} onInput={(e) => setNote(e.currentTarget.value)} />
              <button type="button" class="big" onClick={() => void chat.rate(stars, note)}>{t(lang, 'rateSend')}</button>
            </>
          )}
        </>
      )}
      {!chat.config.call && <button type="button" class="chip" onClick={() => void chat.open()}>{t(lang, 'again')}</button>}
    </div>
  )
}
