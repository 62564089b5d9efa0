// What a customer sees who waits for a person: the place, an honest wait, and
// the card that will be passed on, which he may correct line by line.
import { useState } from 'preact/hooks'
import type { Chat } from './chat'
import type { HandOver, Lang, Place, View } from './types'
import { AskCallback } from './callback'
import { Icon } from './icons'
import { t } from './strings'

export function wait(lang: Lang, p: Place): string {
  if (!p.known) return t(lang, 'waitUnknown')
  return p.wait < 60 ? t(lang, 'waitOne') : t(lang, 'wait', { n: Math.round(p.wait / 60) })
}

export function Waiting({ chat, view, lang }: { chat: Chat; view: View; lang: Lang }) {
  const p = view.place
  return (
    <section class="wait" aria-live="polite">
      {p && p.position > 0 && (
        <strong><Icon name="clock" />{p.anyone_on && p.position === 1 ? t(lang, 'next') : t(lang, 'position', { n: p.position })}{p.anyone_on && p.known && <span> · {wait(lang, p)}</span>}</strong>
      )}
      {p?.anyone_on && !p.known && <p>{wait(lang, p)}</p>}
      <p>{p && !p.anyone_on ? t(lang, 'nobody') : t(lang, 'meanwhile')}</p>
      {view.on_hold?.callback && !view.callback && <AskCallback chat={chat} lang={lang} known={!!chat.config.call} />}
      {view.hand_over && <HandOverCard chat={chat} card={view.hand_over} lang={lang} />}
    </section>
  )
}

function HandOverCard({ chat, card, lang }: { chat: Chat; card: HandOver; lang: Lang }) {
  const [editing, setEditing] = useState<string>()
  const [value, setValue] = useState('')
  const lines = [{ key: '', label: t(lang, 'wants'), value: card.wants }, ...(card.facts ?? [])].filter((l) => l.value)
  const save = async (key: string, label: string) => {
    await chat.editCard(key ? { set: [{ key, label, value }] } : { wants: value })
    setEditing(undefined)
  }
  return (
    <details open={!chat.config.call}>
      <summary>{t(lang, 'card')}</summary>
      <div class="card" style={{ marginTop: 0 }}>
        {lines.map((l) =>
          editing === l.key ? (
            <form class="ln" onSubmit={(e) => { e.preventDefault(); void save(l.key, l.label) }}>
              <label class="k" for={'ho-' + l.key}>{l.label}</label>
              <span class="field"><input id={'ho-' + l.key} value={value} maxLength={500} onInput={(e) => setValue(e.currentTarget.value)} ref={(el) => el?.focus()} /></span>
              <button class="ib" aria-label={t(lang, 'save')}><Icon name="check" /></button>
            </form>
          ) : (
            <div class="ln">
              <span class="k">{l.label}</span><span class="v">{l.value}</span>
              <button type="button" class="ib" aria-label={`${t(lang, 'edit')}: ${l.label}`} onClick={() => { setEditing(l.key); setValue(l.value) }}><Icon name="edit" size={17} /></button>
              {l.key && <button type="button" class="ib" aria-label={`${t(lang, 'remove')}: ${l.label}`} onClick={() => void chat.editCard({ remove: [l.key] })}><Icon name="close" size={17} /></button>}
            </div>
          ))}
        {card.summary?.map((s) => <div class="ln"><span class="v" style={{ color: 'var(--dim)', fontSize: 14 }}>{s}</span></div>)}
      </div>
    </details>
  )
}
