// The bar of a call: what it is at, and what can be done in it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Chat, State } from './chat'
import type { Lang } from './types'
import { Icon } from './icons'
import { t, type Key } from './strings'
import { Talk } from './talk'
import { Timer } from './timer'

/** The call of this browser; the same through every redraw. */
export function useTalk(chat: Chat, s: State): Talk {
  const [, redraw] = useState(0)
  const kept = useRef<{ chat: Chat; talk: Talk }>(undefined)
  if (kept.current?.chat !== chat) {
    kept.current?.talk.hangUp()
    kept.current = { chat, talk: new Talk(chat, () => redraw((n) => n + 1)) }
  }
  const { talk } = kept.current
  const call = s.view?.call
  useEffect(() => { if (call?.state === 'ended') talk.over(call.call_id) }, [call])
  // Who leaves the page ends his call; he is warned.
  useEffect(() => {
    const warn = (e: BeforeUnloadEvent) => { if (talk.on) e.preventDefault() }
    const gone = () => talk.leave()
    addEventListener('beforeunload', warn)
    addEventListener('pagehide', gone)
    return () => { removeEventListener('beforeunload', warn); removeEventListener('pagehide', gone) }
  }, [talk])
  return talk
}

const said: Partial<Record<Talk['phase'], Key>> = { denied: 'talkDenied', missing: 'talkMissing', failed: 'talkFailed', busy: 'talkBusy' }

export function TalkBar({ talk, s, lang }: { talk: Talk; s: State; lang: Lang }) {
  const [pad, setPad] = useState(false)
  const why = said[talk.phase]
  if (why) {
    return (
      <section class="talk" role="alert">
        <p>{t(lang, why)}</p>
        <div class="tbtns">
          <button type="button" class="tool" onClick={() => void talk.begin()}><Icon name="phone" size={17} />{t(lang, 'retry')}</button>
          <button type="button" class="tool" onClick={() => talk.clear()}>{t(lang, 'cancel')}</button>
        </div>
      </section>
    )
  }
  if (!talk.on) return null
  const call = s.view?.call?.call_id === talk.call ? s.view?.call : undefined
  const agent = call?.state === 'talking' ? s.view?.agent?.name : undefined
  const word = talk.phase !== 'up' ? t(lang, 'calling') : call?.held ? t(lang, 'onHoldNow') : call?.state === 'queued' ? t(lang, 'inLine') : agent ?? t(lang, 'onCall')
  return (
    <section class="talk" aria-label={t(lang, 'onCall')}>
      <div class="thead" role="status">
        <Icon name="phone" size={18} /><b>{word}</b>
        {talk.phase === 'up' && call && <Timer since={call.state === 'talking' ? call.since : call.answered ?? call.since} ahead={s.ahead} />}
        {talk.muted && <span>· {t(lang, 'muted')}</span>}
      </div>
      {talk.phase === 'asking' && <p>{t(lang, 'talkWhy')}</p>}
      {call?.recording === 'on' && <p>{t(lang, 'recorded')}</p>}
      {talk.cameraFailed && <p class="bad" role="alert">{t(lang, 'noCamera')}</p>}
      {talk.silent && <button type="button" class="big" onClick={() => void talk.hear()}>{t(lang, 'tapSound')}</button>}
      {(talk.video || talk.camera) && (
        <div class="film">
          {talk.video && <Film stream={talk.video} />}
          {talk.camera && <span class={talk.video ? 'me' : ''}><Film stream={talk.camera} own /></span>}
        </div>
      )}
      {pad && (
        <div class="pad" role="group" aria-label={t(lang, 'keypad')}>
          {[...'123456789*0#'].map((k) => <button type="button" key={k} onClick={() => talk.press(k)}>{k}</button>)}
        </div>
      )}
      <div class="tbtns">
        {talk.phase === 'up' && (
          <>
            <button type="button" class="tbtn" aria-pressed={talk.muted} aria-label={t(lang, 'mute')} title={t(lang, talk.muted ? 'unmute' : 'mute')} onClick={() => talk.mute(!talk.muted)}><Icon name={talk.muted ? 'micoff' : 'mic'} size={22} /></button>
            <button type="button" class="tbtn" aria-expanded={pad} aria-label={t(lang, 'keypad')} title={t(lang, 'keypad')} onClick={() => setPad(!pad)}><Icon name="keypad" size={22} /></button>
            <button type="button" class="tbtn" aria-pressed={!!talk.camera} aria-label={t(lang, 'video')} title={t(lang, talk.camera ? 'videoOff' : 'video')} onClick={() => void talk.show(!talk.camera)}><Icon name="film" size={22} /></button>
          </>
        )}
        <button type="button" class="tbtn red" onClick={() => talk.hangUp()}><Icon name="phone" size={20} />{t(lang, 'hangUp')}</button>
      </div>
    </section>
  )
}

function Film({ stream, own }: { stream: MediaStream; own?: boolean }) {
  const el = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (!el.current) return
    el.current.muted = true // its sound comes with the call
    el.current.srcObject = stream
    void el.current.play().catch(() => {})
  }, [stream])
  return <video ref={el} autoplay muted playsInline class={own ? 'own' : ''} />
}
