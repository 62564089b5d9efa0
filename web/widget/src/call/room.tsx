// The waiting room: it is gone the moment somebody answers.
import type { Chat, State } from '../chat'
import type { Lang, View } from '../types'
import { Waiting } from '../waiting'
import { p } from './strings'

export function Room({ chat, view, lang }: { chat: Chat; s: State; view: View; lang: Lang }) {
  const h = view.on_hold
  return (
    <section class="stage room">
      {h?.video
        ? <video src={h.video} autoplay muted loop playsInline controls={false} disablePictureInPicture aria-label={p(lang, 'video')} ref={(el) => { if (el) { el.muted = true; for (const x of Array.from(el.textTracks)) x.mode = 'disabled' } }} />
        : h?.picture && <img class="view" src={h.picture} alt="" />}
      {h?.announce && <p class="ann">{h.announce}</p>}
      <Waiting chat={chat} view={view} lang={lang} />
      {h?.voicemail && view.place && !view.place.anyone_on && <p class="cue">{p(lang, 'voicemail')}</p>}
    </section>
  )
}
