import { expect, test } from 'vitest'
import { keyed, results, settled, stage } from '../src/call/stage'
import type { Line } from '../src/chat'
import type { Content, Message } from '../src/types'

let n = 0
const say = (kind: 'bot' | 'customer', content: Content): Line => {
  const seq = ++n
  return { key: `c:${seq}`, at: '2026-01-05T09:00:00Z', message: { id: `m${seq}`, conversation_id: 'c', seq, author: { kind }, content, at: '' } as Message }
}
const bot = (content: Content) => say('bot', content)
const me = (text: string, more: Content = {}) => say('customer', { text, ...more })
const ask = (slot: string, text: string, type = 'choice') => bot({ text, input: { slot, type }, options: [{ id: 'o1', label: 'Large' }] })
const rang = (state: 'ringing' | 'ended'): Line => ({ key: `r${++n}`, at: '2026-01-05T09:00:00Z', rang: { call_id: 'k', state, since: '' } })
const menu = () => bot({ text: 'How can we help?', menu: 'main', options: [{ id: 'o1', label: 'Order' }] })
const said = (lines: Line[]) => lines.map((l) => ('message' in l ? l.message.content.text : 'rang'))

test('the stage holds the customer’s newest words and what was said to them', () => {
  const { now, before } = stage([rang('ringing'), menu(), me('Order'), ask('drink', 'What would you like?')])
  expect(said(now)).toEqual(['Order', 'What would you like?'])
  expect(said(before)).toEqual(['rang', 'How can we help?'])
})

test('a question stays until it is known what follows the answer', () => {
  expect(said(stage([rang('ringing'), ask('drink', 'What would you like?'), me('Latte')]).now)).toEqual(['What would you like?', 'Latte'])
})

test('what was written before the call is not on the stage', () => {
  expect(said(stage([menu(), me('hello'), rang('ringing'), menu()]).now)).toEqual(['How can we help?'])
})

test('answers are listed once, the last of each; a question that is open again is not', () => {
  const lines = [menu(), me('Order'), ask('drink', 'First some words.\n\nWhat would you **like**?'), me('Latte'), ask('size', 'Which size?'), me('Small'), ask('size', 'Which size?'), me('Large'), ask('address', 'Where to?', 'address')]
  expect(settled(lines)).toEqual([{ key: 'drink', label: 'What would you like?', value: 'Latte' }, { key: 'size', label: 'Which size?', value: 'Large' }])
  expect(settled([...lines, ask('drink', 'What would you like?')]).map((s) => s.key)).toEqual(['size'])
})

test('the summary names what is settled; a result or a menu ends it', () => {
  const lines = [ask('drink', 'What?'), me('Latte'), bot({ text: 'Is this right?', card: { title: 'Order', lines: [{ label: 'Drink', value: 'Latte', edit: { id: 'e', label: 'Change' } }] } }), me('Change something')]
  expect(settled(lines)).toEqual([{ key: 'Drink', label: 'Drink', value: 'Latte' }])
  const done = [...lines, bot({ text: 'Your order A1042', card: { title: 'Order A1042', lines: [{ label: 'Total', value: '34' }] } })]
  expect(settled(done)).toEqual([])
  expect(results(done).map((l) => l.message.content.card!.title)).toEqual(['Order A1042'])
  expect(settled([...lines, menu()])).toEqual([])
  expect(results([...done, rang('ringing'), menu()])).toEqual([])
})

test('a command or an unasked word is no answer', () => {
  expect(settled([ask('drink', 'What?'), me('', { command: 'human' }), me('hello')])).toEqual([])
})

test('options have the keys that they have on the telephone', () => {
  const keys = (c: Content) => keyed(c).map((o) => o.key)
  const o = (verb?: string, nav = false, key?: string) => ({ id: 'x', label: 'x', nav, key, pick: { verb: verb ?? 'answer' } })
  expect(keys({ options: [o(), o(), o('human', true), o('back', true), o('start', true)] })).toEqual(['1', '2', '0', '*', '#'])
  expect(keys({ options: [o('go', false, '2'), o(), o()] })).toEqual(['2', '1', '3'])
  expect(keys({ options: Array.from({ length: 10 }, () => o()) })).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', undefined])
  expect(keys({ input: { slot: 'n', type: 'number' }, options: [o('skip'), o('human', true, '0')] })).toEqual(['#', undefined])
  expect(keys({ input: { slot: 'a', type: 'address' }, options: [o()] })).toEqual(['1'])
})
