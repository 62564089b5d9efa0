// Waiting for a person: music and place, a call back that keeps the place, a
// message, and a line that drops.
import { expect } from '@playwright/test'
import { accept, be, rings, test, voices } from './calls'
import { look, people } from './people'
import { audible, lasted } from './tone'

const waits = { timeout: 20_000 }

test('who waits hears music; by key he is called back, and keeps his place before others', async ({ at }) => {
  const p = await at.phone(0, { auto: true })
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)
  await p.press('0')
  await expect.poll(async () => (await at.opened(id)).conversation.status, waits).toBe('waiting')
  // Announcement, place and music: it is never silent.
  await p.hears(16)
  const s = await p.hears(4)
  expect(audible(s)).toBeGreaterThan(1.5)

  await p.press('1') // be called back
  await p.begins()
  await p.press('1') // when it is my turn
  await expect.poll(async () => (await at.opened(id)).conversation.callback, waits).toMatchObject({ phone: p.user })
  await p.ended(30_000)
  expect((await at.opened(id)).conversation.status).toBe('waiting')

  // Somebody who comes later waits behind him.
  const later = await at.phone(1)
  await later.dial(at.sip())
  const { conversation_id: second } = await at.callOf(later)
  await later.press('0')
  await expect.poll(async () => (await at.opened(second)).conversation.status, waits).toBe('waiting')

  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  await expect(anna.getByTestId('offer')).toBeVisible()
  await look(anna, 'v-callback-offer')
  await anna.keyboard.press('Enter')
  await expect.poll(async () => (await at.opened(id)).conversation.status, waits).toBe('assigned')
  // His telephone rings by itself, and they talk.
  await p.until('CALL_ESTABLISHED', 30_000)
  await rings(p, voices.anna)
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
  expect((await at.opened(id)).conversation.callback ?? null).toBeNull()
  expect((await at.opened(second)).conversation.status).not.toBe('assigned')
})

test('a line that drops: the next call leads to the same agent and what was said', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  const olivia = await at.agent(people.owner, voices.olivia)
  const p = await at.phone()
  await be(anna, 'Available')
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)
  await p.press('0')
  await accept(anna)
  await rings(p, voices.anna)
  await be(olivia, 'Available')
  await p.hangup() // his network ends it
  await p.ended()
  await expect.poll(async () => (await at.opened(id)).conversation.on_call ?? '', waits).toBe('')

  await p.dial(at.sip())
  await expect.poll(async () => (await at.calls()).filter((c) => c.number === p.user && c.state === 'talking').map((c) => c.conversation_id), { timeout: 40_000 }).toEqual([id])
  await rings(p, voices.anna)
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
  await expect(olivia.getByTestId('offer')).toBeHidden()
})

test('a line that drops in the queue: the next call has the old place', async ({ at }) => {
  const p = await at.phone()
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)
  await p.press('0')
  await expect.poll(async () => (await at.opened(id)).conversation.status, waits).toBe('waiting')
  const other = await at.phone(1)
  await other.dial(at.sip())
  await at.callOf(other)
  await other.press('0')
  await p.hangup()
  await p.ended()
  await expect.poll(async () => (await at.opened(id)).conversation.on_call ?? '', waits).toBe('')
  await p.dial(at.sip())
  expect((await at.callOf(p)).conversation_id).toBe(id)
  await expect.poll(async () => (await at.opened(id)).conversation.status, waits).toBe('waiting')
  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  await accept(anna)
  await rings(p, voices.anna)
})

test('a message left in the queue becomes a conversation with its recording', async ({ at }) => {
  const p = await at.phone()
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)
  await p.press('0')
  await expect.poll(async () => (await at.opened(id)).conversation.status, waits).toBe('waiting')
  await p.begins()
  await p.press('2')
  await expect.poll(async () => (await at.callOf(p) as { voicemail?: boolean }).voicemail, waits).toBe(true)
  await p.press('1') // no more words: the tone
  await p.hears(0.3)
  await new Promise((done) => setTimeout(done, 4000)) // what he says
  await p.press('#')
  await p.ended(30_000)
  const sound = (await at.messages(id)).flatMap((m) => m.content.attachments ?? [])
  expect(sound).toHaveLength(1)
  expect(sound[0]!.type).toMatch(/wav/)
  const [left] = await at.wav(sound[0]!.url)
  expect(lasted(left!, voices.caller, 0.9)).toBeGreaterThan(2)
  expect((await at.opened(id)).conversation.status).toBe('waiting')

  const anna = await at.agent(people.anna, voices.anna)
  await anna.goto(`${at.url}/inbox/${id}?tab=all`)
  const clip = anna.getByTestId('clip')
  await expect(clip).toBeVisible()
  await clip.getByRole('button', { name: 'Play' }).click()
  await expect.poll(() => clip.locator('audio').evaluate((el: HTMLAudioElement) => el.currentTime)).toBeGreaterThan(0.5)
  await look(anna, 'v-voicemail')
})
