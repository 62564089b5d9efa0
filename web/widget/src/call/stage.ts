// What of a conversation is on the stage while its call is up: the current
// prompt with the words that led to it, what is settled so far, and results.
import type { Line } from '../chat'
import type { Content, Input, Message, Option } from '../types'
import { plain } from '../markdown'

type Said = Line & { message: Message }
const said = (l: Line): l is Said => 'message' in l

/** Parts the thread into what is on now and what was before. */
export function stage(lines: Line[]): { now: Line[]; before: Line[] } {
  let from = lines.findLastIndex((l) => said(l) && l.message.author.kind === 'customer')
  const rang = lines.findLastIndex((l) => 'rang' in l && l.rang.state !== 'ended')
  if (rang > from) from = rang + 1
  if (from < 0) from = 0
  // What is asked stays in sight until something else is.
  const asked = lines.findLastIndex((l) => said(l) && asks(l.message))
  if (asked >= 0 && asked < from && !lines.slice(from).some((l) => said(l) && l.message.author.kind !== 'customer')) from = asked
  return { now: lines.slice(from), before: lines.slice(0, from) }
}

const asks = (m: Message) => m.author.kind === 'bot' && (!!m.content.input || !!m.content.options?.some((o) => !o.nav))
const summary = (m: Message) => !!m.content.card?.lines?.some((l) => l.edit)

/** A fact that is settled. */
export interface Settled { key: string; label: string; value: string }

/** What the customer has answered so far of what he is about, in his own words. */
export function settled(lines: Line[]): Settled[] {
  let out: Settled[] = []
  let open: Settled | undefined
  const set = (s: Settled) => { out = [...out.filter((o) => o.key !== s.key), s] }
  for (const { message: m } of lines.filter(said)) {
    const c = m.content
    if (m.author.kind === 'customer') {
      const value = c.text || c.location?.label || c.attachments?.map((a) => a.name).join(', ')
      if (open && value && !c.command) set({ ...open, value })
      open = undefined
    } else if (m.author.kind === 'bot') {
      if (summary(m)) {
        out = c.card!.lines!.filter((l) => l.value).map((l) => ({ key: l.label, label: l.label, value: l.value }))
        open = undefined
      } else if (c.input) {
        const key = c.input.slot
        out = out.filter((o) => o.key !== key)
        open = { key, label: plain(c.text?.split('\n').findLast((l) => l.trim()) ?? ''), value: '' }
      } else if (c.menu || c.card || c.options?.every((o) => o.nav)) {
        out = []
        open = undefined
      }
    }
  }
  return out
}

/** The cards that things came to since the call began, newest first. */
export function results(lines: Line[]): Said[] {
  const from = lines.findLastIndex((l) => 'rang' in l && l.rang.state !== 'ended') + 1
  return lines.slice(from).filter(said).filter((l) => l.message.author.kind === 'bot' && l.message.content.card && !summary(l.message)).reverse()
}

const digits = ['number', 'money', 'date', 'time', 'datetime', 'phone', 'pattern']

/** Whether the answer is given in several digits. */
export const collects = (i?: Input) => !!i && digits.includes(i.type)

/** The options with the keys that they have on the telephone. */
export function keyed(c: Content): Option[] {
  const options = (c.options ?? []).map((o) => ({ ...o }))
  if (collects(c.input)) {
    let taken = false
    for (const o of options) {
      const skips = o.pick?.verb === 'skip' || o.pick?.verb === 'resume'
      o.key = skips && !taken ? '#' : undefined
      taken ||= skips
    }
    return options
  }
  const taken = new Set(options.map((o) => o.key))
  let next = 1
  for (const o of options) {
    if (o.key) continue
    const nav = { back: '*', start: '#', human: '0' }[o.pick?.verb ?? '']
    if (o.nav && nav) {
      if (!taken.has(nav)) { o.key = nav; taken.add(nav) }
      continue
    }
    while (taken.has(String(next))) next++
    if (next > 9) continue // it can be said, or tapped
    o.key = String(next)
    taken.add(o.key)
  }
  return options
}
