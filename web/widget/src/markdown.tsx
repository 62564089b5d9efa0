// A small Markdown for answers: paragraphs, lists, bold, italics, code, links,
// headings as bold lines, tables as lines. It makes elements, never HTML text,
// so whatever is written shows as itself.
import type { ComponentChildren } from 'preact'

const inline = /(\*\*(.+?)\*\*)|(\*([^*\s][^*]*?)\*)|(`([^`]+)`)|(\[([^\]]+)\]\(([^)\s]+)\))|(https?:\/\/[^\s<>)"'，。）]+)/

export function spans(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = []
  let rest = text
  for (let n = 0; n < 200; n++) {
    const m = inline.exec(rest)
    if (!m) break
    if (m.index) out.push(unescape(rest.slice(0, m.index)))
    if (m[2]) out.push(<strong>{spans(m[2])}</strong>)
    else if (m[4]) out.push(<em>{spans(m[4])}</em>)
    else if (m[6]) out.push(<code>{m[6]}</code>)
    else out.push(link(m[9] ?? m[10]!, m[8] ?? m[10]!))
    rest = rest.slice(m.index + m[0].length)
  }
  if (rest) out.push(unescape(rest))
  return out
}

// A backslash before punctuation only says that it stands for itself.
const unescape = (s: string) => s.replace(/\\([\\`*_{}[\]()#+\-.!|~<>$&"'/:;=?@^,%])/g, '$1')

// The words alone, in one line, for a glance.
export const plain = (text: string) => text.replace(/^#{1,6}\s+|^>\s?|^\s*[-*+]\s+/gm, '').replace(/\[([^\]]+)\]\([^)\s]+\)/g, '$1').replace(/\*+|`/g, '').replace(/\s+/g, ' ').trim()

function link(href: string, label: string) {
  return /^(https?:|mailto:|tel:|\/)/i.test(href) ? <a href={href} target="_blank" rel="noopener noreferrer">{unescape(label)}</a> : label
}

export function Markdown({ text }: { text: string }) {
  const out: ComponentChildren[] = []
  let list: { ordered: boolean; items: ComponentChildren[] } | undefined
  let para: string[] = []
  const flush = () => {
    if (para.length) out.push(<p>{para.flatMap((l, i) => (i ? [<br />, ...spans(l)] : spans(l)))}</p>)
    if (list) out.push(list.ordered ? <ol>{list.items}</ol> : <ul>{list.items}</ul>)
    para = []; list = undefined
  }
  for (const line of text.split('\n')) {
    const item = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/.exec(line)
    const heading = /^#{1,6}\s+(.*)$/.exec(line)
    if (!line.trim()) flush()
    else if (item) {
      const ordered = item[1] !== undefined
      if (para.length || (list && list.ordered !== ordered)) flush()
      list ??= { ordered, items: [] }
      list.items.push(<li>{spans(item[2]!)}</li>)
    } else if (heading) { flush(); out.push(<p><strong>{spans(heading[1]!)}</strong></p>) }
    else if (/^\s*\|?[\s:|-]+\|[\s:|-]*$/.test(line)) continue
    else if (line.trim().startsWith('|')) { if (list) flush(); para.push(line.trim().replace(/^\||\|$/g, '').split('|').map((c) => c.trim()).join(' · ')) }
    else { if (list) flush(); para.push(line.replace(/^>\s?/, '')) }
  }
  flush()
  return <div class="md">{out}</div>
}
