// Where the customer answers. The field is the thing that is asked for: a
// date opens a calendar, a photo the camera, a place offers his position.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Failure, type Chat } from './chat'
import type { Attachment, Input, Lang } from './types'
import { Icon } from './icons'
import { t } from './strings'

const kinds: Record<string, 'date' | 'time' | 'datetime-local' | 'tel' | 'email'> = { date: 'date', time: 'time', datetime: 'datetime-local', phone: 'tel', email: 'email' }

export function Composer({ chat, asking, lang }: { chat: Chat; asking?: Input; lang: Lang }) {
  const [text, setText] = useState('')
  const [up, setUp] = useState<{ name: string; share: number }>()
  const [trouble, setTrouble] = useState('')
  const file = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const type = asking?.sensitive ? 'password' : kinds[asking?.type ?? '']
  const limits = chat.state.session?.limits

  const area = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => { if (area.current) grow(area.current) }, [text, type])
  const send = (e?: Event) => {
    e?.preventDefault()
    const said = text.trim()
    if (!said) return
    chat.send({ text: said }, asking?.sensitive ? '••••' : said)
    setText(''); setTrouble('')
  }
  const attach = async (files: FileList | null) => {
    for (const f of Array.from(files ?? []).slice(0, 5)) {
      if (limits && f.size > limits.file_bytes) { setTrouble(`${f.name}: ${tooLarge(lang, limits.file_bytes)}`); continue }
      setTrouble('')
      setUp({ name: f.name, share: 0 })
      try {
        const a: Attachment = await chat.upload(f, (share) => setUp({ name: f.name, share }))
        chat.send({ attachments: [a.id] }, a.name)
      } catch (err) {
        setTrouble(`${f.name}: ${whyNot(lang, err, limits?.file_bytes)}`)
      }
      setUp(undefined)
    }
  }
  const locate = () => !navigator.geolocation ? setTrouble(t(lang, 'noPlace')) : navigator.geolocation.getCurrentPosition(
    (p) => { setTrouble(''); chat.send({ location: { lat: p.coords.latitude, lon: p.coords.longitude } }, t(lang, 'place')) },
    () => setTrouble(t(lang, 'noPlace')), { timeout: 10_000, enableHighAccuracy: true })

  const photo = asking?.type === 'attachment'
  const where = asking?.type === 'location' || asking?.type === 'address'
  return (
    <>
      {up && <div class="up" role="status">{up.name}<progress value={up.share} max={1} /></div>}
      {trouble && <div class="up" role="alert" style={{ color: 'var(--warn)' }}>{trouble}</div>}
      {(photo || where) && (
        <div class="tools">
          {photo && <button type="button" class="tool" onClick={() => camera.current?.click()}><Icon name="camera" size={18} />{t(lang, 'photo')}</button>}
          {where && <button type="button" class="tool" onClick={locate}><Icon name="pin" size={18} />{t(lang, 'place')}</button>}
        </div>
      )}
      <form class="say" onSubmit={send}>
        <button type="button" class="ib" aria-label={t(lang, 'attach')} onClick={() => file.current?.click()}><Icon name="clip" /></button>
        <span class="field">
          {type
            ? <input {...({ type } as { type: 'email' })} value={text} min={asking?.min} max={asking?.max} autocomplete="off" aria-label={t(lang, 'type')} placeholder={t(lang, 'type')} onInput={(e) => setText(e.currentTarget.value)} />
            : <textarea ref={area} rows={1} value={text} maxLength={limits?.text ?? 4000} aria-label={t(lang, 'type')} placeholder={t(lang, 'type')}
                onInput={(e) => { setText(e.currentTarget.value); chat.typing() }}
                onKeyDown={(e) => { if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) send(e) }} />}
        </span>
        <button class="ib sendb" aria-label={t(lang, 'send')} disabled={!text.trim()}><Icon name="send" /></button>
        <input ref={file} class="vh" type="file" multiple tabIndex={-1} aria-hidden="true" accept={limits?.file_types?.join(',')} onChange={(e) => { void attach(e.currentTarget.files); e.currentTarget.value = '' }} />
        <input ref={camera} class="vh" type="file" accept="image/*" capture="environment" tabIndex={-1} aria-hidden="true" onChange={(e) => { void attach(e.currentTarget.files); e.currentTarget.value = '' }} />
      </form>
      {asking?.sensitive && <div class="hint">{t(lang, 'masked')}</div>}
    </>
  )
}

const tooLarge = (lang: Lang, bytes = 0) => t(lang, 'tooLarge', { n: Math.floor(bytes / (1 << 20)) })

// What the server refuses is said in the customer's language.
function whyNot(lang: Lang, err: unknown, bytes?: number): string {
  const code = err instanceof Failure ? err.body.code : ''
  if (code === 'file_type') return t(lang, 'badType')
  if (code === 'file_too_large' || code === 'image_too_large') return tooLarge(lang, bytes)
  return t(lang, code === 'image_broken' || code === 'file_empty' ? 'badFile' : 'failed')
}

function grow(el: HTMLTextAreaElement) {
  el.style.height = 'auto'
  el.style.height = Math.min(el.scrollHeight, 120) + 'px'
}
