// What stands beside the agent: a summary at hand-over, replies, what to do
// next, and at the end a note and how it ended.
import { expect, type Page } from '@playwright/test'
import { customer, look, people, say, test, user } from './people'
import { accessible, openFor } from './places'

test('an agent sees what it is about, sends a suggestion, hands a flow to the bot, takes it back and wraps up', async ({ browser }) => {
  test.setTimeout(240_000)
  const c = await customer(browser)
  await say(c, 'I would like a large latte to 5 Elm Street')
  await expect(c.thread).toContainText(/\?/)
  await say(c, 'This is ridiculous, I want to talk to a person')
  await expect(c.chat.locator('.wait')).toBeVisible()
  const desk = await user(browser, people.owner)
  await openFor(desk, c.page)

  const here = desk.url()

  // At hand-over: what is wanted, what was done, in the customer's own words.
  // One card says it all, and nothing twice.
  const card = desk.getByTestId('hand-over')
  await expect(card).toContainText('I would like a large latte to 5 Elm Street')
  await expect(card).toContainText('This is ridiculous')
  await expect(card).toContainText('Mood')
  await expect(card).toContainText('Large')
  await expect(card).not.toContainText('Matter')
  await expect(desk.getByTestId('summary')).toHaveCount(0)
  await desk.keyboard.press('a')
  await expect(c.thread).toContainText('is with you now')
  await both(desk, 'a-hand-over')

  // A suggestion, with its kind in words.
  await say(c, 'Do you deliver to Pudong, and what does it cost?')
  const suggestion = desk.getByTestId('suggestion').first()
  await expect(suggestion).toBeVisible()
  await expect(suggestion).toContainText(/Article|Canned reply/)
  await both(desk, 'a-suggestions')
  await desk.getByTestId('thread').click()
  await desk.keyboard.press('Alt+1')
  const composer = desk.getByTestId('composer').getByRole('textbox')
  await expect(composer).not.toHaveValue('')
  const sent = (await composer.inputValue()).replace(/[*_#]/g, '').slice(0, 20)
  await composer.press('Enter')
  await expect(c.thread).toContainText(sent, { timeout: 30_000 })

  // What to do next, and what will happen; and the way back.
  await say(c, 'Please cancel my order A1042')
  const step = desk.getByTestId('next-step').first()
  await expect(step).toContainText('Start “Cancel')
  await expect(step).toContainText('You can take it back')
  await both(desk, 'a-next')
  await step.getByRole('button').first().click()
  await expect(c.thread).toContainText('The assistant goes on with you')
  await expect(c.thread).toContainText('A1042')
  await desk.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
  await expect(desk.getByTestId('composer').getByRole('textbox')).toBeEnabled()
  await expect(desk.getByRole('button', { name: 'Close', exact: true })).toBeVisible()
  const counted = await desk.evaluate(() => fetch('/api/ledger').then((r) => r.json() as Promise<{ items: { kind: string; key?: string; sent: number }[] }>))
  expect(counted.items.find((i) => i.kind === 'action' && i.key === 'action:flow:cancel_order')?.sent).toBe(1)

  // The end: a note that is one click away, and the disposition proposed.
  await desk.getByRole('button', { name: 'Close', exact: true }).click()
  const dialog = desk.getByRole('dialog', { name: 'Close the conversation' })
  const proposed = dialog.locator('[data-proposed]')
  await expect(proposed).toContainText('Order changed or cancelled')
  await expect(proposed).toBeFocused()
  await dialog.getByRole('button', { name: 'Use the summary' }).click()
  const note = dialog.getByLabel('Closing note')
  await expect(note).toHaveValue(/large latte/)
  await note.fill(`${await note.inputValue()}\nHe pays in cash.`)
  await both(desk, 'a-close')
  await proposed.focus()
  await desk.keyboard.press('Enter')
  await expect(desk.getByRole('region', { name: 'Notices' })).toContainText('Closed')
  await desk.goto(here)
  await expect(desk.getByTestId('thread')).toContainText('He pays in cash.')
  await expect(c.thread).not.toContainText('He pays in cash.')
})

test('a Chinese customer and a Chinese desk: summary and suggestions speak Chinese', async ({ browser }) => {
  test.setTimeout(240_000)
  const c = await customer(browser, 'zh')
  await say(c, '我要一杯大杯拿铁')
  await expect(c.thread).toContainText(/？|。/)
  await say(c, '转人工')
  await expect(c.chat.locator('.wait')).toBeVisible()
  const desk = await user(browser, people.owner)
  await openFor(desk, c.page)
  await desk.keyboard.press('a')
  await expect(c.chat.locator('.wait')).toBeHidden()
  await say(c, '外送要多少钱？')
  const first = desk.getByTestId('suggestion').first()
  await expect(first).toBeVisible()
  for (const text of await desk.getByTestId('suggestion').allInnerTexts()) expect(text).toMatch(/[一-鿿]{4,}/)
  await desk.getByRole('button', { name: /Account and presence/ }).click()
  await desk.getByRole('menuitemcheckbox', { name: '中文' }).click()
  await expect(desk.getByTestId('hand-over')).toContainText('转接卡')
  await expect(desk.getByTestId('hand-over')).toContainText('点咖啡')
  await expect(desk.getByTestId('summary')).toHaveCount(0)
  await both(desk, 'a-zh')
  await desk.getByRole('button', { name: /状态/ }).first().click()
  await desk.getByRole('menuitemcheckbox', { name: 'English' }).click()
})

/** Looks and accessibility, light and dark. */
async function both(page: Page, name: string) {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await accessible(page, 'body')
    await look(page, `${name}-${theme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}
