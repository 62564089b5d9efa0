// The page of a telephone call: /call/TOKEN, from a link in a short message.
import { render } from 'preact'
import { Chat } from '../chat'
import { css } from '../css'
import { pageCSS } from './css'
import { Page } from './page'

const token = decodeURIComponent(location.pathname.split('/')[2] ?? '')
const host = document.createElement('parley-call')
const root = host.attachShadow({ mode: 'open' })
const sheet = new CSSStyleSheet()
sheet.replaceSync(css + pageCSS)
root.adoptedStyleSheets = [sheet]
const mount = document.createElement('div')
root.append(mount)
document.body.append(host)
document.body.style.margin = '0'

const chat = new Chat({ origin: location.origin, call: token })
const dark = matchMedia('(prefers-color-scheme: dark)')
const draw = () => render(<Page chat={chat} dark={dark.matches} />, mount)
dark.addEventListener('change', draw)
draw()
void chat.start(false)
