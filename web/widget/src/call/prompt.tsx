// The stage: the current prompt as it is spoken, and its choices with the keys
// of the telephone.
import { Files, Sources, CardView, place, type Pick } from '../parts'
import type { Chat, Line, State } from '../chat'
import { Icon } from '../icons'
import { Markdown } from '../markdown'
import { t } from '../strings'
import type { Call, Content, Lang, Message, Option } from '../types'
import { collects, keyed } from './stage'
import { p } from './strings'

export function Stage({ chat, s, call, lines, live, lang, pick }: { chat: Chat; s: State; call: Call; lines: Line[]; live?: Message; lang: Lang; pick: Pick }) {
  const digits = collects(live?.content.input)
  const typed = live?.content.input && !live.content.options?.some((o) => !o.nav)
  const cue = !live ? '' : call.listening ? p(lang, 'listening') : digits ? p(lang, 'digitsHint') : typed ? p(lang, 'pageHint') : live.content.options?.length ? p(lang, call.spoken ? 'spokenHint' : 'keysHint') : ''
  return (
    <section class="stage">
      <div class="stage-said" role="log" aria-live="polite">
        {lines.map((l) => 'message' in l && <Spoken key={l.key} m={l.message} on={call.saying === l.message.id} live={l.message === live} lang={lang} pick={pick} origin={chat.config.origin} />)}
        {s.pending.map((x) => <div class="row me" key={x.out.client_id}><div class="bubble" style={{ opacity: x.done ? 1 : 0.75 }}>{x.label}</div>
          {x.error && <span class="state bad" role="alert">{t(lang, 'failed')} <button type="button" onClick={() => chat.retry(x.out.client_id)}>{t(lang, 'retry')}</button></span>}</div>)}
      </div>
      {(call.keys ?? 0) > 0 && <div class="pips" role="status" aria-label={p(lang, 'pressed', { n: call.keys! })}>{Array.from({ length: Math.min(call.keys!, 20) }, (_, n) => <i key={n} />)}</div>}
      <Choices content={live?.content ?? {}} lang={lang} pick={pick} human={() => chat.command('human', t(lang, 'human'))} digits={digits} />
      {cue && <div class="cue"><Icon name={call.listening ? 'mic' : 'phone'} size={17} />{cue}</div>}
    </section>
  )
}

function Spoken({ m, on, live, lang, pick, origin }: { m: Message; on: boolean; live: boolean; lang: Lang; pick: Pick; origin: string }) {
  const c = m.content
  const me = m.author.kind === 'customer'
  const verb = c.command && { human: t(lang, 'human'), start: t(lang, 'menu'), back: t(lang, 'back'), cancel: t(lang, 'cancel') }[c.command]
  const text = c.text || verb
  return (
    <div class={'row' + (me ? ' me' : c.card ? ' wide' : '')}>
      {me && <span class="vh">{t(lang, 'you')}</span>}
      {(text || c.attachments?.length || c.location) && (
        <div class="bubble">
          {c.markdown ? <Markdown text={text ?? ''} /> : text}
          {c.attachments && <Files files={c.attachments} origin={origin} />}
          {c.location && !text && <span class="file"><Icon name="pin" />{place(c.location)}</span>}
        </div>
      )}
      {c.sources?.length ? <Sources sources={c.sources} lang={lang} /> : null}
      {c.card && <CardView card={c.card} lang={lang} pick={pick} live={live} />}
      {on && <span class="saying"><Icon name="speaker" size={16} />{p(lang, 'speaking')}</span>}
    </div>
  )
}

// A person is always to be had: 0 on the telephone, except where digits are the answer.
function Choices({ content, lang, pick, human, digits }: { content: Content; lang: Lang; pick: Pick; human: () => void; digits: boolean }) {
  const all = keyed(content)
  const choices = all.filter((o) => !o.nav)
  const nav = all.filter((o) => o.nav)
  const person = !all.some((o) => o.key === '0' || o.pick?.verb === 'human')
  const cap = (o: Option) => o.key && <span class="kc" aria-hidden="true">{o.key === '*' ? '✱' : o.key}</span>
  const spoken = (o: Option) => o.key && <span class="vh">, {p(lang, 'key', { key: o.key })}</span>
  return (
    <div class="keys" role="group" aria-label={t(lang, 'menu')}>
      {choices.map((o) => (
        <button type="button" key={o.id} class={'choice' + (o.pick?.verb === 'confirm' ? ' main' : '')} onClick={(e) => pick(o, e)}>
          {cap(o)}<span class="t"><b>{o.label}</b>{o.hint && <small>{o.hint}</small>}{spoken(o)}</span>
          {o.icon && <span class="ic"><Icon name={o.icon} size={24} /></span>}
        </button>
      ))}
      {(nav.length > 0 || person) && <div class="chips">{nav.map((o) => <button type="button" key={o.id} class="chip nav" onClick={(e) => pick(o, e)}>{cap(o)}{o.label}{spoken(o)}</button>)}
        {person && <button type="button" class="chip nav" onClick={human}>{digits ? <Icon name="person" size={16} /> : <span class="kc" aria-hidden="true">0</span>}{t(lang, 'human')}</button>}
      </div>}
    </div>
  )
}
