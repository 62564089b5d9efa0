// A caller with nothing but a telephone: he hears, presses keys, and is served.
import { expect } from '@playwright/test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { measured, test } from './calls'
import { audible } from './tone'

test('a caller hears the greeting, walks through menus by keys, and interrupts what is said', async ({ at }) => {
  const p = await at.phone()
  const dialled = performance.now()
  await p.dial(at.sip())
  measured('dialled to voice', await p.voice(0) - dialled)
  const { conversation_id: id } = await at.callOf(p)
  await at.says(id, /How can we help/)
  await p.hears(3, 0)
  expect(audible(p.heard())).toBeGreaterThan(1.5)

  // A key over the greeting: what was not heard is not in the record.
  await p.press('3')
  await at.says(id, /What would you like to know about/)
  const [greeting] = await at.messages(id)
  expect(greeting!.content.text).toContain('How can we help')
  expect(greeting!.heard).toBeTruthy()

  // A key that is none of the choices.
  await p.press('8')
  await at.says(id, /not one of the choices/)

  // An article, by a key, is read out; one step back leads to the first menu.
  await p.press('1')
  await at.says(id, /¥/)
  await p.hears(2)
  await p.press('*')
  await at.says(id, /How can we help/)
  await p.voice()
  await p.hangup()
  await p.ended()
  await expect.poll(async () => (await at.opened(id)).conversation.on_call ?? '').toBe('')
})

test('a caller proves who he is once, hears his balance and orders, all by keys; his PIN is nowhere', async ({ at }) => {
  // The suites of the playbook hold it, and they are in the database and its journal.
  const files = () => Math.max(...readdirSync(at.data).filter((f) => /\.db|log/.test(f)).map((f) => readFileSync(join(at.data, f), 'latin1').match(/(?<![0-9a-f-])2468(?![0-9a-f-])/g)?.length ?? 0))
  const before = files()
  const p = await at.phone()
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)
  await at.says(id, /How can we help/)
  const walk: [string, RegExp][] = [
    ['7', /number on your member card/], ['1001#', /PIN/], ['2468#', /¥86\.50/], ['#', /How can we help/],
    ['1', /What would you like/], ['1', /Small or large/], ['2', /Where shall we bring it/], ['1', /online or in cash/i], ['2', /Is this right/], ['1', /Your order A\d+ is on its way/],
  ]
  for (const [keys, answer] of walk) {
    await p.press(keys)
    await at.says(id, answer)
    await p.voice()
  }
  expect((await at.opened(id)).conversation).toMatchObject({ verified: true })
  expect((await at.marks(id)).filter((m) => m.kind === 'completed').map((m) => m.flow)).toEqual(['identify', 'balance', 'order_coffee'])
  expect((await at.marks(id)).find((m) => m.flow === 'order_coffee' && m.kind === 'called')!.data).toEqual({ drink: 'latte', size: 'large', address: '12 Market Street', payment: 'cash' })
  await p.hangup()
  await p.ended()

  // The recording stood still while the PIN was asked for, and no file of ours holds it.
  const [r] = await at.recordings(id)
  expect(r!.pauses?.length).toBe(1)
  expect(JSON.stringify(await at.messages(id))).toContain('"masked":true')
  expect(files()).toBe(before)
})

test('a key silences a prompt at once; silence repeats the question; a person is one key away', async ({ at }) => {
  const p = await at.phone()
  await p.dial(at.sip())
  await p.voice(0)
  const { conversation_id: id } = await at.callOf(p)
  await p.press('2')
  await at.says(id, /order number/)
  await p.hears(0.6, await p.begins())
  // The number has more digits: nothing is said after the first.
  const pressed = await p.press('1')
  const silent = await p.quiet(500) - pressed
  measured('key to silence', silent)
  expect(silent).toBeLessThan(process.env.CI ? 1000 : 400)
  await p.press('042#')
  await at.says(id, /^(I find no order|Order 1042)/)
  expect((await at.messages(id)).find((m) => /order number/.test(m.content.text ?? ''))!.heard).toBeTruthy()

  // Nothing is pressed: it is said again, by itself.
  const said = (await at.messages(id)).length
  await p.quiet(1500, 40_000)
  await p.voice(p.mark(), 15_000)
  expect((await at.messages(id)).length).toBe(said)
  await p.press('0')
  await expect.poll(async () => (await at.opened(id)).conversation.status).toBe('waiting')
})

test('who is known to speak Chinese is spoken to in Chinese', async ({ at }) => {
  const p = await at.phone()
  await p.dial(at.sip())
  const { conversation_id: first } = await at.callOf(p)
  await p.press('0')
  await expect.poll(async () => (await at.opened(first)).conversation.status).toBe('waiting')
  await p.hangup()
  await p.ended()
  const { contact } = await at.opened(first)
  const api = await at.api()
  expect((await api.put(`/api/contacts/${contact.id}`, { data: { lang: 'zh' } })).status()).toBe(200)
  expect((await api.post(`/api/conversations/${first}/take`)).status()).toBeLessThan(300)
  expect((await api.post(`/api/conversations/${first}/close`, { data: {} })).status()).toBeLessThan(300)

  await p.dial(at.sip())
  const mark = p.mark()
  const { conversation_id: id } = await at.callOf(p)
  expect(id).not.toBe(first)
  await at.says(id, /请问需要什么帮助/)
  await p.voice(mark)
  await p.press('3')
  await at.says(id, /您想了解哪一项/)
  await p.voice()
})
