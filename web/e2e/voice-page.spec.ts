// Ear and screen: one session. A tap moves the call, a key moves the page, the
// agent sees both.
import { expect } from '@playwright/test'
import { accept, be, measured, rings, test, voices } from './calls'
import { look, people } from './people'
import { accessible } from './places'

test('the link arrives on the phone; taps and keys fill one order, on the page and in the ear; it vanishes when the agent answers', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  const p = await at.phone()
  await p.dial(at.sip())
  const { conversation_id: id } = await at.callOf(p)

  // The short message, as he sees it, and its page.
  const handset = await at.visitor(voices.visitor, `${at.shop}/phone`)
  const message = handset.locator('article', { hasText: p.user })
  await expect(message).toBeVisible()
  const opening = handset.context().waitForEvent('page')
  await message.getByRole('link').click()
  const page = await opening
  await expect(page.getByRole('button', { name: /Order a coffee/ })).toBeVisible()
  await expect(page.getByText('On the phone')).toBeVisible()
  await accessible(page, 'parley-call')
  await look(page, 'v-page')
  await handset.close()
  await anna.goto(`${at.url}/inbox/${id}`)
  const thread = anna.getByTestId('thread')
  await expect(anna.getByTestId('hears')).toBeVisible()

  // A tap moves the call: what is said ends, and the next question is spoken.
  await p.quiet(300, 60_000)
  let mark = p.mark()
  const tapped = performance.now()
  await page.getByRole('button', { name: /Order a coffee/ }).click()
  measured('tap to voice', await p.voice(mark) - tapped)
  await at.says(id, /What would you like/)
  await expect(page.getByRole('button', { name: 'Latte' })).toBeVisible()

  // A key moves the page: the time from the key to the page, on one clock.
  const moved = page.evaluate(() => new Promise<number>((done) => {
    const root = document.querySelector('parley-call')!.shadowRoot!
    const look = () => { if (/Small or large/.test(root.textContent ?? '')) { watch.disconnect(); done(Date.now()) } }
    const watch = new MutationObserver(look)
    watch.observe(root, { childList: true, subtree: true, characterData: true })
  }))
  await page.evaluate(() => 0) // it looks now
  const pressed = Date.now()
  await p.press('1')
  const late = await moved - pressed
  measured('key to page', late)
  expect(late).toBeLessThan(1000)
  await expect(page.getByRole('region', { name: 'So far' })).toContainText('Latte')

  // A tap, then words that no key can say, then a key.
  mark = p.mark()
  await page.getByRole('button', { name: /Large/ }).click()
  await at.says(id, /Where shall we bring it/)
  await p.voice(mark)
  await page.getByRole('textbox').fill('5 Elm Street')
  await page.getByRole('textbox').press('Enter')
  await at.says(id, /online or in cash/)
  await p.press('2')
  await at.says(id, /Is this right/)
  await expect(page.getByText('Is this right?').first()).toBeVisible()
  await expect(page.getByRole('main')).toContainText('5 Elm Street')
  await look(page, 'v-page-confirm')
  await p.press('1')
  await at.says(id, /on its way/)
  // The result is on the screen while the call stays up.
  await expect(page.getByText(/Order A\d+/).first()).toBeVisible()
  await expect(page.getByText('On the phone')).toBeVisible()
  await look(page, 'v-page-result')
  // The agent sees what was pressed and what was tapped.
  for (const words of ['Latte', 'Large', '5 Elm Street', 'Cash']) await expect(thread.getByText(words, { exact: true }).first()).toBeVisible()
  expect((await at.marks(id)).find((m) => m.kind === 'called')!.data).toEqual({ drink: 'latte', size: 'large', address: '5 Elm Street', payment: 'cash' })

  // Who waits sees his place, an announcement and a picture; all of it is gone the moment somebody answers.
  await page.getByRole('button', { name: 'Talk to a person' }).first().click()
  await expect(page.getByText(/You are next|number \d+ in line/)).toBeVisible()
  await expect(page.getByText('Thank you for waiting.')).toBeVisible()
  const picture = page.locator('img.view')
  await expect(picture).toBeVisible()
  await expect.poll(() => picture.evaluate((el: HTMLImageElement) => el.naturalWidth)).toBeGreaterThan(0)
  await accessible(page, 'parley-call')
  await look(page, 'v-page-waiting')
  await be(anna, 'Available')
  await accept(anna)
  await expect(picture).toBeHidden()
  await expect(page.getByText('Thank you for waiting.')).toBeHidden()
  await expect(page.getByText('You are talking to Anna')).toBeVisible()
  await rings(p, voices.anna)
  // Text goes beside the call, both ways.
  await page.getByRole('textbox').fill('the blue door')
  await page.getByRole('textbox').press('Enter')
  await expect(thread.getByText('the blue door')).toBeVisible()
  const box = anna.getByTestId('composer').getByRole('textbox')
  await box.fill('I have noted it')
  await box.press('Enter')
  await expect(page.getByText('I have noted it')).toBeVisible()
  await p.hangup()
  await expect(page.getByText('The call has ended').first()).toBeVisible()
})
