// The page of a call: what is heard is what is seen.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { End, liveOf, newestSaid, offers, Thread, useChat } from '../app'
import { Promised } from '../callback'
import type { Chat, Line, State } from '../chat'
import { colours } from '../colour'
import { Composer } from '../composer'
import { fit, useFollow } from '../focus'
import { Icon } from '../icons'
import type { Pick } from '../parts'
import { t } from '../strings'
import { clock, Timer } from '../timer'
import type { Call, Lang, Option, View } from '../types'
import { Room } from './room'
import { Stage } from './prompt'
import { results, settled, stage } from './stage'
import { CardView } from '../parts'
import { p } from './strings'

export function Page({ chat, dark }: { chat: Chat; dark: boolean }) {
  const s = useChat(chat)
  const v = s.view
  const lang: Lang = v?.lang ?? s.session?.contact.lang ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')
  const title = s.session?.brand.title ?? p(lang, 'title')
  useEffect(() => { document.title = title; document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en' }, [title, lang])
  const accent = s.session?.brand.accent
  const sheet = useRef<HTMLDivElement>(null)
  useEffect(() => fit(sheet.current!), [])
  return (
    <div class={'root page' + (dark ? ' dark' : '')} style={accent ? colours(accent, dark) : undefined} lang={lang === 'zh' ? 'zh-CN' : 'en'}>
      <div class="sheet" ref={sheet} tabIndex={-1}>
        {s.expired
          ? <main class="lone"><Icon name="phone" size={40} /><h2>{p(lang, 'expired')}</h2><p>{p(lang, 'expiredWhy')}</p></main>
          : <>
              <header><h2>{title}<small>{p(lang, 'title')}</small></h2></header>
              {s.shaky && <div class="banner" role="status">{p(lang, 'offline')}</div>}
              {v ? <Shown chat={chat} s={s} v={v} lang={lang} panel={sheet} /> : (
                <div class="stage" role="status" aria-label={p(lang, 'loading')}>{[0, 1, 2].map((n) => <div class={'skel' + (n ? '' : ' s')} key={n} />)}</div>
              )}
            </>}
      </div>
    </div>
  )
}

/** Whether the call is up. */
export const up = (c?: Call) => !!c && c.state !== 'ended'

function Shown({ chat, s, v, lang, panel }: { chat: Chat; s: State; v: View; lang: Lang; panel: { current: HTMLDivElement | null } }) {
  const call = up(v.call) ? v.call : undefined
  const said = newestSaid(s)
  const live = liveOf(s)
  const asking = live && (live.content.input ?? (v.seq >= live.seq ? v.asking : undefined))
  const follow = useFollow(panel, said)
  const pick: Pick = (o: Option, e: MouseEvent) => {
    follow(e)
    const from = s.lines.findLast((l) => 'message' in l && offers(l.message, o.id))
    if (from && 'message' in from) chat.send({ conversation: v.id, choice: { message_id: from.message.id, option_id: o.id } }, o.label)
  }
  useEffect(() => {
    if (said && document.visibilityState === 'visible') chat.read(said.message.seq)
  }, [said, s.online])

  const person = v.status === 'assigned' || v.status === 'parked'
  const waiting = v.status === 'waiting' && !!call && !v.callback
  const box = useRef<HTMLDivElement>(null)
  const stick = useRef(true)
  const reads = !call || person // the whole thread is shown: keep its end in sight
  useLayoutEffect(() => { if (reads && stick.current && box.current) box.current.scrollTop = box.current.scrollHeight })
  useLayoutEffect(() => { if (!reads && box.current) box.current.scrollTop = 0 }, [said, reads])
  const { now, before } = stage(s.lines)
  const thread = (lines: Line[]) => <Thread chat={chat} s={{ ...s, lines, pending: reads ? s.pending : [] }} lang={lang} pick={pick} said={said} live={reads ? live : undefined} />
  return (
    <>
      {call && person && <Person s={s} v={v} call={call} lang={lang} />}
      {!reads && (
        <main class="mid two" ref={box} tabIndex={-1}>
          {waiting
            ? <Room chat={chat} s={s} view={v} lang={lang} />
            : v.callback ? <section class="stage"><Promised callback={v.callback} lang={lang} /></section>
            : <Stage chat={chat} s={s} call={call!} lines={now} live={live} lang={lang} pick={pick} />}
          <Aside lines={s.lines} now={waiting || v.callback ? [] : now} lang={lang} showing={!!live?.content.card}>
            {thread(waiting || v.callback ? s.lines : before)}
          </Aside>
        </main>
      )}
      {reads && (
        <main class="mid" ref={box} tabIndex={-1} onScroll={(e) => { const el = e.currentTarget; stick.current = el.scrollHeight - el.scrollTop - el.clientHeight < 60 }}>
          {thread(s.lines)}
        </main>
      )}
      {!call && <Over s={s} v={v} lang={lang} />}
      <footer class="foot">
        {v.status === 'closed' ? !call && <End chat={chat} s={s} lang={lang} /> : (
          <>
            {v.status === 'automated' && !call && (
              <div class="tools"><button type="button" class="tool" onClick={() => chat.command('human', t(lang, 'human'))}><Icon name="person" size={17} />{t(lang, 'human')}</button></div>
            )}
            <Composer chat={chat} asking={asking} lang={lang} />
          </>
        )}
        {call && <Bar chat={chat} s={s} call={call} lang={lang} />}
      </footer>
    </>
  )
}

// What is settled, what came of it, and all that was said before.
function Aside({ lines, now, lang, showing, children }: { lines: Line[]; now: Line[]; lang: Lang; showing: boolean; children: preact.ComponentChildren }) {
  const facts = showing ? [] : settled(lines)
  const done = results(lines).filter((l) => !now.includes(l))
  const wide = matchMedia('(min-width:900px)').matches
  const past = lines.length > now.length
  if (!facts.length && !done.length && !past) return null
  return (
    <aside class="aside">
      {facts.length > 0 && (
        <section aria-label={p(lang, 'soFar')}>
          <h3>{p(lang, 'soFar')}</h3>
          <dl class="sofar">{facts.map((f) => <div key={f.key}><dt title={f.label}>{f.label}</dt><dd>{f.value}</dd></div>)}</dl>
        </section>
      )}
      {done.length > 0 && (
        <section aria-label={p(lang, 'results')}>
          <h3>{p(lang, 'results')}</h3>
          {done.slice(0, 5).map((l) => <CardView key={l.key} card={l.message.content.card!} lang={lang} pick={() => {}} live={false} />)}
        </section>
      )}
      {past && <details class="past" open={wide}><summary>{p(lang, 'before')}</summary>{children}</details>}
    </aside>
  )
}

function Person({ s, v, call, lang }: { s: State; v: View; call: Call; lang: Lang }) {
  const name = v.agent?.name ?? call.parties?.find((x) => x.role === 'agent')?.name ?? p(lang, 'colleague')
  return (
    <section class="person" aria-live="polite">
      <span class="face" aria-hidden="true">{[...name][0]}</span>
      <div>
        <b>{call.state === 'talking' ? p(lang, 'talkingTo', { name }) : t(lang, 'joined', { name })}</b>
        <small>{call.held ? p(lang, 'held') : <Timer since={call.since} ahead={s.ahead} />}{call.recording === 'on' && ` · ${t(lang, 'recorded')}`}</small>
        <small>{p(lang, 'write')}</small>
      </div>
    </section>
  )
}

function Over({ s, v, lang }: { s: State; v: View; lang: Lang }) {
  const rang = s.lines.filter((l) => 'rang' in l)
  const last = rang.at(-1)
  const began = last && rang.findLast((l) => l.rang.call_id === last.rang.call_id && l.rang.state !== 'ended')
  const time = last?.rang.state === 'ended' && began ? clock(Date.parse(last.at) - Date.parse(began.at)) : ''
  return (
    <section class="done" role="status">
      <h2>{p(lang, 'ended')}</h2>
      <p>{time && p(lang, 'lasted', { time })} {p(lang, v.status === 'closed' ? 'readable' : 'goOn')}</p>
      <p>{p(lang, 'again')}</p>
      {v.callback && <Promised callback={v.callback} lang={lang} />}
    </section>
  )
}

function Bar({ chat, s, call, lang }: { chat: Chat; s: State; call: Call; lang: Lang }) {
  const [trouble, setTrouble] = useState(false)
  const word = call.voicemail ? p(lang, 'recording') : p(lang, call.state === 'ringing' || call.state === 'dialing' ? 'connecting' : 'onPhone')
  return (
    <div class="bar">
      <span class="what" role="status"><Icon name="phone" size={20} /><span>{trouble ? p(lang, 'hungUp') : word} {call.answered && <Timer since={call.answered} ahead={s.ahead} />}</span></span>
      <button type="button" class="hang" onClick={() => void chat.hangUp(call.call_id).catch(() => setTrouble(true))}><Icon name="phone" size={24} />{p(lang, 'hangUp')}</button>
    </div>
  )
}
