// The parts of a message, each as large-fingered as it needs to be.
import { useState } from 'preact/hooks'
import type { Attachment, Card, Content, Lang, Location, Option, Source, Verb } from './types'
import { Icon } from './icons'
import { Markdown } from './markdown'
import { t, type Key } from './strings'

export type Pick = (o: Option, e: MouseEvent) => void

const firstShown = 5

export function Menu({ options, lang, pick }: { options: Option[]; lang: Lang; pick: Pick }) {
  const [all, setAll] = useState(false)
  const choices = options.filter((o) => !o.nav)
  const shown = all ? choices : choices.slice(0, firstShown)
  return (
    <div class="choices" role="group" aria-label={t(lang, 'menu')}>
      {shown.map((o) => (
        <button type="button" class="choice" key={o.id} onClick={(e) => pick(o, e)}>
          {o.icon && <span class="ic"><Icon name={o.icon} size={24} /></span>}
          <span class="t"><b>{o.label}</b>{o.hint && <small>{o.hint}</small>}</span>
          <span class="go"><Icon name="right" size={18} /></span>
        </button>
      ))}
      {choices.length > firstShown && (
        <button type="button" class="chip nav" aria-expanded={all} onClick={() => setAll(!all)}>{t(lang, all ? 'less' : 'more')} ({choices.length - firstShown})</button>
      )}
      <Chips options={options.filter((o) => o.nav)} pick={pick} />
    </div>
  )
}

export function Chips({ options, pick }: { options: Option[]; pick: Pick }) {
  if (!options.length) return null
  const nav: Record<string, string> = { back: 'back', start: 'start', human: 'person' }
  return (
    <div class="chips">
      {options.map((o) => (
        <button type="button" key={o.id} onClick={(e) => pick(o, e)}
          class={'chip' + (o.nav ? ' nav' : '') + (o.pick?.verb === 'confirm' ? ' main' : '')}>
          {o.nav && <Icon name={nav[o.pick?.verb ?? ''] ?? ''} size={16} />}{o.label}
        </button>
      ))}
    </div>
  )
}

export function CardView({ card, lang, pick, live }: { card: Card; lang: Lang; pick: Pick; live: boolean }) {
  const editable = live && card.lines?.some((l) => l.edit)
  return (
    <section class="card" aria-label={card.title}>
      {card.image_url && <img src={card.image_url} alt="" />}
      <h3>{card.title}</h3>
      {card.subtitle && <div class="sub">{card.subtitle}</div>}
      {editable && <div class="sub">{t(lang, 'confirmHint')}</div>}
      {card.lines?.map((l) =>
        live && l.edit ? (
          <button type="button" class="ln" onClick={(e) => pick(l.edit!, e)}>
            <span class="k">{l.label}<span class="vh">: </span></span><span class="v">{l.value}</span><span class="vh">. {t(lang, 'edit')}</span><span class="ed"><Icon name="edit" size={17} /></span>
          </button>
        ) : (
          <div class="ln"><span class="k">{l.label}</span><span class="v">{l.value}</span></div>
        ))}
    </section>
  )
}

export function Files({ files, origin }: { files: Attachment[]; origin: string }) {
  return (
    <>
      {files.map((f) => {
        const url = new URL(f.url, origin).href
        return f.type.startsWith('image/')
          ? <a href={url} target="_blank" rel="noopener"><img class="pic" src={url} alt={f.name} loading="lazy" /></a>
          : <a class="file" href={url} target="_blank" rel="noopener"><Icon name="file" />{f.name} ({size(f.size)})</a>
      })}
    </>
  )
}

const size = (n: number) => (n < 1 << 20 ? `${Math.ceil(n / 1024)} KB` : `${(n / (1 << 20)).toFixed(1)} MB`)

export function Sources({ sources, lang }: { sources: Source[]; lang: Lang }) {
  return <div class="src"><Icon name="file" size={14} />{t(lang, 'source')}: {sources.map((s) => s.title).join(' · ')}</div>
}

export const place = (l: Location) => l.label || `${l.lat.toFixed(5)}, ${l.lon.toFixed(5)}`

// What a fixed button says when it was used.
const verbs: Record<Verb, Key> = { human: 'human', start: 'menu', back: 'back', cancel: 'cancel' }

// Body is what was said; options are only live under the newest message.
export function Body({ content, lang, pick, live, origin }: { content: Content; lang: Lang; pick: Pick; live: boolean; origin: string }) {
  const text = content.text || (content.command ? t(lang, verbs[content.command]) : '')
  return (
    <>
      {(text || content.attachments?.length || content.location) && (
        <div class="bubble">
          {content.markdown ? <Markdown text={text} /> : text}
          {content.attachments && <Files files={content.attachments} origin={origin} />}
          {content.location && !text && <span class="file"><Icon name="pin" />{place(content.location)}</span>}
        </div>
      )}
      {content.sources?.length ? <Sources sources={content.sources} lang={lang} /> : null}
      {content.card && <CardView card={content.card} lang={lang} pick={pick} live={live} />}
      {live && content.options?.length
        ? content.menu ? <Menu options={content.options} lang={lang} pick={pick} /> : <Chips options={content.options} pick={pick} />
        : null}
    </>
  )
}
