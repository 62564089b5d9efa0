// The one script tag:
//   <script src="https://parley.example/widget.js" data-playbook="coffee" async></script>
// Attributes: data-playbook, data-lang (en|zh), data-title, data-accent,
// data-position (left|right), data-theme (light|dark|auto), data-open,
// data-identity-token. window.Parley offers open, close, identify, logout, setLang.
import { render } from 'preact'
import { App, type Control, type Look } from './app'
import { Chat, type Config } from './chat'
import { css } from './css'
import type { Lang } from './types'

const script = document.currentScript as HTMLScriptElement | null

function boot(tag: HTMLScriptElement) {
  if ('Parley' in window) return
  const d = tag.dataset
  const lang = (d.lang ?? document.documentElement.lang ?? navigator.language).toLowerCase().startsWith('zh') ? 'zh' : 'en'
  const config: Config = { origin: new URL(tag.src).origin, playbook: d.playbook, lang, identityToken: d.identityToken }
  const look: Look = {
    title: d.title, accent: d.accent, left: d.position === 'left',
    dark: d.theme === 'dark' || (d.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches),
  }
  let chat = new Chat(config)

  const host = document.createElement('parley-chat')
  const root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  const mount = document.createElement('div')
  root.append(mount)
  document.body.append(host)

  const opened = `parley:open:${config.playbook ?? ''}`
  const remember = (open: boolean) => { try { sessionStorage.setItem(opened, open ? '1' : '') } catch { /* private mode */ } }
  const was = () => { try { return sessionStorage.getItem(opened) } catch { return null } }
  let control: Control = {
    open: was() === '1' || (was() === null && d.open !== undefined), lang,
    set: (c) => { control = { ...control, ...c }; if (c.open !== undefined) remember(c.open); draw() },
  }
  const draw = () => render(<App chat={chat} look={look} control={control} />, mount)
  draw()
  // Somebody who has talked to us before sees at once what he has missed.
  if (!control.open && chat.known()) void chat.start(false)

  Object.assign(window, {
    Parley: {
      open: () => control.set({ open: true }),
      close: () => control.set({ open: false }),
      setLang: (l: Lang) => control.set({ lang: l }),
      identify: (identity: Record<string, unknown> | string) => {
        chat.stop()
        chat = new Chat({ ...config, ...(typeof identity === 'string' ? { identityToken: identity } : { identity }) })
        draw()
        void chat.start(control.open)
      },
      logout: () => {
        chat.stop()
        chat.forget()
        const { identityToken: _, ...anonymous } = config
        chat = new Chat(anonymous)
        draw()
        if (control.open) void chat.start(true)
      },
    },
  })
}

if (script) {
  if (document.body) boot(script)
  else document.addEventListener('DOMContentLoaded', () => boot(script))
}
