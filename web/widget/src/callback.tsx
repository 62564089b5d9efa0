// Who waits may go and be called back: he says when, and keeps his place.
import { useEffect, useRef, useState } from 'preact/hooks'
import { Failure, type Chat } from './chat'
import type { Callback, Lang } from './types'
import { Icon } from './icons'
import { t, type Key } from './strings'

/** Asks for a call back. known: he has called, so that his number is known. */
export function AskCallback({ chat, lang, known }: { chat: Chat; lang: Lang; known: boolean }) {
  const [open, setOpen] = useState(false)
  const [later, setLater] = useState(false)
  const [at, setAt] = useState('')
  const [phone, setPhone] = useState('')
  const [trouble, setTrouble] = useState<Key>()
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.scrollIntoView({ block: 'nearest' }), [open, later, trouble])
  const ask = async (e: Event) => {
    e.preventDefault()
    if (busy) return
    if (!known && !phone.trim()) return setTrouble('cbNumber')
    if (later && !at) return setTrouble('cbTime')
    setBusy(true)
    try {
      await chat.callback(known ? undefined : phone.trim(), later ? new Date(at) : undefined)
    } catch (err) {
      setTrouble(whyNot(err, known))
    }
    setBusy(false)
  }
  if (!open) return <button type="button" class="tool cb" onClick={() => setOpen(true)}><Icon name="phone" size={18} />{t(lang, 'cbAsk')}</button>
  const now = new Date()
  return (
    <form class="cbform" ref={form} onSubmit={(e) => void ask(e)}>
      <div class="cbwhen" role="radiogroup" aria-label={t(lang, 'cbWhen')}>
        <label><input type="radio" name="when" checked={!later} onChange={() => setLater(false)} />{t(lang, 'cbNow')}</label>
        <label><input type="radio" name="when" checked={later} onChange={() => setLater(true)} />{t(lang, 'cbLater')}</label>
      </div>
      {later && <span class="field"><input type="datetime-local" aria-label={t(lang, 'cbTime')} value={at} min={local(now)} max={local(new Date(now.getTime() + 14 * 86_400_000))} onInput={(e) => setAt(e.currentTarget.value)} /></span>}
      {known ? <p>{t(lang, 'cbSame')}</p> : <span class="field"><input type="tel" autocomplete="tel" aria-label={t(lang, 'cbNumber')} placeholder={t(lang, 'cbNumber')} value={phone} onInput={(e) => setPhone(e.currentTarget.value)} /></span>}
      {trouble && <p class="bad" role="alert">{t(lang, trouble)}</p>}
      <div class="cbgo">
        <button class="big" disabled={busy}>{t(lang, 'cbAsk')}</button>
        <button type="button" class="tool" onClick={() => setOpen(false)}>{t(lang, 'cbStay')}</button>
      </div>
    </form>
  )
}

/** The promise to call back. */
export function Promised({ callback: c, lang }: { callback: Callback; lang: Lang }) {
  const at = c.at && new Date(c.at).toLocaleString(lang === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  return (
    <section class="wait promise" role="status">
      <strong><Icon name="phone" />{t(lang, 'cbPromise', { phone: c.phone })}</strong>
      <p>{at ? t(lang, 'cbAt', { at }) : t(lang, 'cbTurn')} {t(lang, 'cbKept')}</p>
    </section>
  )
}

function whyNot(err: unknown, known: boolean): Key {
  const { code = '', field = '' } = err instanceof Failure ? err.body : {}
  if (field === 'phone' || code.startsWith('phone')) return known ? 'cbHidden' : 'cbNumber'
  if (code === 'callback_time') return 'cbTime'
  return code === 'not_waiting' ? 'cbOver' : 'cbFailed'
}

const local = (d: Date) => new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
