// A chat becomes a call: by the widget's own button, in the same conversation,
// with the same agent; words, files and pictures go beside it.
import { expect } from '@playwright/test'
import { be, button, hearing, hears, test, voices } from './calls'
import { look, people } from './people'
import { lasted } from './tone'

test('a chat with an agent becomes a call, with text and video beside it', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  const page = await at.visitor(voices.visitor, `${at.shop}/coffee?lang=en`)
  await page.getByRole('button', { name: 'Open chat' }).click()
  const chat = page.getByRole('dialog')
  const write = async (text: string) => { const box = chat.getByRole('textbox', { name: /Type a message/ }); await box.fill(text); await box.press('Enter') }
  await write('I want to talk to a person')
  await expect(anna.getByTestId('offer')).toBeVisible()
  await anna.keyboard.press('Enter')
  await expect(chat.getByText('Anna is with you now')).toBeVisible()
  await expect(anna).toHaveURL(/inbox\/./)
  const id = /inbox\/([^?]+)/.exec(anna.url())![1]!

  await chat.getByRole('button', { name: 'Call', exact: true }).first().click()
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
  await hears(page, voices.anna)
  await hears(anna, voices.visitor)
  expect((await at.calls()).map((c) => c.conversation_id)).toEqual([id])
  await look(page, 'v-widget-call')

  await write('you hear me, and read me')
  await expect(anna.getByTestId('thread').getByText('you hear me, and read me')).toBeVisible()

  // On hold he hears music, then her again.
  await button(anna, /^Hold/).click()
  await expect.poll(async () => { const h = await hearing(page, voices.anna); return h.loud > 0.005 && h.shares[voices.anna]! < 0.05 }, { message: 'music' }).toBe(true)
  await hears(anna)
  await button(anna, /^Go on/).click()
  await hears(page, voices.anna)

  // Each shows himself to the other.
  await button(anna, /^Camera on/).click()
  await chat.getByRole('button', { name: 'Add video' }).click()
  const moves = (p: typeof page, which: string) => expect.poll(() => p.locator(which).first().evaluate((el: HTMLVideoElement) => el.videoWidth > 0 && el.currentTime > 0.5), { message: 'a picture that moves' }).toBe(true)
  await moves(anna, 'video[aria-label="The customer\'s picture"]')
  await moves(page, '.film video:not(.own)')
  await look(anna, 'v-video')

  await chat.getByRole('button', { name: 'Mute' }).click()
  await hears(anna)
  await chat.getByRole('button', { name: 'Mute' }).click()
  await hears(anna, voices.visitor)
  await chat.getByRole('button', { name: 'Hang up' }).click()
  await expect(anna.getByTestId('wrap-up')).toBeVisible()
  // The chat goes on.
  await write('one more thing')
  await expect(anna.getByTestId('thread').getByText('one more thing')).toBeVisible()
  const [r] = await at.recordings(id)
  const [left, right] = await at.recorded(r!)
  expect(lasted(left!, voices.visitor, 0.9)).toBeGreaterThan(2)
  expect(lasted(right!, voices.anna, 0.9)).toBeGreaterThan(2)
})

test('who only looks at the shop calls by its button, and presses keys on the screen', async ({ at }) => {
  const page = await at.visitor(voices.visitor, `${at.shop}/coffee?lang=en`)
  await page.getByRole('button', { name: 'Open chat' }).click()
  const chat = page.getByRole('dialog')
  await chat.getByRole('button', { name: 'Call', exact: true }).first().click()
  await expect.poll(async () => (await hearing(page)).loud, { message: 'the greeting', intervals: [100] }).toBeGreaterThan(0.02)
  await chat.getByRole('button', { name: 'Keypad' }).click()
  await chat.getByRole('group', { name: 'Keypad' }).getByRole('button', { name: '3' }).click()
  await expect(chat.getByRole('log')).toContainText('What would you like to know about?')
  await expect(chat.getByRole('log')).toContainText('Menu & prices')
  await chat.getByRole('button', { name: 'Hang up' }).click()
  await expect.poll(async () => (await at.calls()).length).toBe(0)
})
