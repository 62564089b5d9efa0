// Lost lines, reloads, restarts and proxies: everything that was said arrives,
// in order, once.
import { expect, type Browser, type Page, type WebSocketRoute } from '@playwright/test'
import { customer, look, password, people, say, tap, test, user, type Customer } from './people'
import { House, openFor } from './places'
import { shop } from './playwright.config'

/** What the customer sees, in order: his own words and the others'. */
const lines = (c: Customer) => c.thread.locator('.bubble').allInnerTexts()
const count = async (c: Customer, text: string) => (await lines(c)).filter((l) => l.trim() === text).length

/** Takes the customer's conversation as the supervisor. */
async function take(browser: Browser, c: { page: Page }): Promise<{ sam: Page; write: (text: string) => Promise<void> }> {
  const sam = await user(browser, people.supervisor)
  await openFor(sam, c.page)
  await sam.getByRole('button', { name: 'Take' }).click()
  const box = sam.getByTestId('composer').getByRole('textbox')
  return {
    sam,
    write: async (text) => {
      await box.fill(text)
      await box.press('Enter')
      await expect(sam.getByTestId('thread').getByText(text, { exact: true })).toBeVisible()
    },
  }
}

/** A customer whose network can be cut: open sockets break, nothing new gets through. */
async function onALine(browser: Browser) {
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  const sockets = new Set<WebSocketRoute>()
  let up = true
  await page.routeWebSocket(/\/v1\/chat\/ws/, (ws) => {
    if (!up) return void ws.close()
    ws.connectToServer()
    sockets.add(ws)
  })
  await page.goto(`${shop}/coffee?lang=en`)
  await page.getByRole('button', { name: 'Open chat' }).click()
  const chat = page.getByRole('dialog')
  const turn = async (on: boolean) => {
    up = on
    await page.context().setOffline(!on)
    if (!on) for (const ws of sockets) await ws.close().catch(() => { /* it was gone already */ })
    if (!on) sockets.clear()
  }
  return { page, chat, thread: chat.getByRole('log'), cut: () => turn(false), mend: () => turn(true) }
}

test('offline while an agent writes: all of it in order and once, and what was typed goes out', async ({ browser }) => {
  const c = await onALine(browser)
  await say(c, 'I want to talk to a person')
  await expect(c.chat.locator('.wait')).toBeVisible()
  const { sam, write } = await take(browser, c)
  await write('one')
  await expect(c.thread.getByText('one', { exact: true })).toBeVisible({ timeout: 30_000 })

  await c.cut()
  await expect(c.chat.getByRole('status')).toContainText('Connection lost')
  for (const text of ['two', 'three']) await write(text)
  await say(c, 'typed offline')
  await say(c, 'and this too')
  await expect(c.thread.getByText('and this too')).toBeVisible() // his words stay in sight
  await sam.getByTestId('composer').click()
  expect(await lines(c)).not.toContain('two')
  await c.mend()
  await expect(c.thread.getByText('three', { exact: true })).toBeVisible({ timeout: 40_000 })
  await expect(sam.getByTestId('thread').getByText('and this too')).toBeVisible({ timeout: 40_000 })
  await expect(c.thread.locator('.state', { hasText: /Sent|Read/ })).toBeVisible()
  const seen = await lines(c)
  expect(seen.filter((l) => ['one', 'two', 'three'].includes(l))).toEqual(['one', 'two', 'three'])
  for (const text of ['typed offline', 'and this too']) {
    expect(await count(c, text)).toBe(1)
    await expect(sam.getByTestId('thread').getByText(text, { exact: true })).toHaveCount(1)
  }
  expect(seen.indexOf('typed offline')).toBeLessThan(seen.indexOf('and this too'))

  await c.page.reload()
  await expect(c.thread.getByText('and this too')).toBeVisible()
  expect(await lines(c)).toEqual(seen)
})

test('what was typed without a line survives a reload of the page', async ({ browser }) => {
  const c = await customer(browser)
  await say(c, 'a small latte please')
  await expect(c.thread).toContainText('Where shall we bring it?')
  await c.page.route('**/v1/chat/messages', (r) => r.abort())
  await say(c, '12 Long Lane')
  await expect(c.thread.locator('.state')).toHaveText('Sending')
  await c.page.reload()
  await expect(c.thread.getByText('12 Long Lane')).toBeVisible()
  await c.page.unroute('**/v1/chat/messages')
  await expect(c.thread).toContainText(/online or in cash/i, { timeout: 30_000 })
  expect(await count(c, '12 Long Lane')).toBe(1)
})

for (const [how, block] of Object.entries({
  'refused': (page: Page) => page.routeWebSocket(/\/v1\/chat\/ws/, (ws) => ws.close()),
  'swallowed': (page: Page) => page.routeWebSocket(/\/v1\/chat\/ws/, () => { /* opens, and nothing ever comes */ }),
})) {
  test(`where WebSockets are ${how}, a whole order goes by events and posts`, async ({ browser }) => {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    await block(page)
    const streams: string[] = []
    page.on('request', (r) => { if (r.url().includes('/v1/chat/stream')) streams.push(r.url()) })
    await page.goto(`${shop}/coffee?lang=en`)
    await page.getByRole('button', { name: 'Open chat' }).click()
    const chat = page.getByRole('dialog')
    const c: Customer = { page, chat, thread: chat.getByRole('log') }
    await say(c, 'a large latte to 5 Elm Street please')
    await expect(c.thread).toContainText(/online or in cash/i, { timeout: 40_000 })
    await tap(c, 'Cash')
    await tap(c, /^(Confirm|Yes)/)
    await expect(c.thread).toContainText(/Your order [A-Z]?\d+/i)
    expect(await count(c, 'Cash')).toBe(1)
    expect(streams.length).toBeGreaterThan(0)
  })
}

test('a server that dies and comes back has lost and repeated nothing', async ({ browser }) => {
  test.setTimeout(240_000)
  const house = new House(1, true)
  try {
    await house.start()
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    await page.goto(`${house.shop}/coffee?lang=en`)
    await page.getByRole('button', { name: 'Open chat' }).click()
    const chat = page.getByRole('dialog')
    const c: Customer = { page, chat, thread: chat.getByRole('log') }
    await say(c, 'a large latte to 5 Elm Street please')
    await expect(c.thread).toContainText(/online or in cash/i)
    const before = await lines(c)

    await house.kill()
    await say(c, 'cash')
    await expect(chat.getByRole('status')).toContainText('Connection lost')
    await look(page, 'r-lost')
    await house.start()
    await expect(chat.getByRole('region').last()).toContainText('5 Elm Street', { timeout: 60_000 })
    await tap(c, /^(Confirm|Yes)/)
    await expect(c.thread).toContainText(/Your order [A-Z]?\d+/i)
    const after = await lines(c)
    expect(after.slice(0, before.length)).toEqual(before)
    expect(await count(c, 'cash')).toBe(1)

    // Killed once more, between two words: the record is the same from outside.
    await house.kill()
    await house.start()
    await page.reload()
    await expect(c.thread).toContainText(/Your order [A-Z]?\d+/i, { timeout: 30_000 })
    expect(await lines(c)).toEqual(after)
    const r = await fetch(`${house.url}/api/login`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Parley': '1' }, body: JSON.stringify({ email: people.owner, password }) })
    expect(r.status).toBe(200)
  } finally {
    await house.remove()
  }
})
