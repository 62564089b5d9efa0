// The console: the first owner, who sees what, the desk by keys, what the
// customer must never see, and every screen in both languages and looks.
import { expect, type Browser, type Page } from '@playwright/test'
import { customer, look, noErrors, people, say, test, user, type Customer } from './people'
import { accessible, House, openFor } from './places'
import { parley } from './playwright.config'

/** A customer who waits, and the conversation taken by this user. */
async function taken(browser: Browser, email: string, first: string): Promise<{ c: Customer; desk: Page }> {
  const c = await customer(browser)
  await say(c, first)
  await expect(c.thread).toContainText(/\?/)
  await say(c, 'I want to talk to a person')
  await expect(c.chat.locator('.wait')).toBeVisible()
  const desk = await user(browser, email)
  await openFor(desk, c.page)
  await expect(desk.getByRole('button', { name: 'Take' })).toBeVisible()
  await desk.keyboard.press('a')
  await expect(c.thread).toContainText('is with you now')
  return { c, desk }
}
const composer = (page: Page) => page.getByTestId('composer').getByRole('textbox')

test('on a new server the first visitor becomes its owner, and nobody after him', async ({ browser }) => {
  const house = new House(2, false)
  try {
    await house.start()
    const page = await browser.newPage({ locale: 'en-GB' })
    noErrors(page)
    await page.goto(house.url)
    await expect(page.getByRole('heading', { name: 'Welcome to Parley' })).toBeVisible()
    await accessible(page, 'body')
    await look(page, 'c-setup')
    await page.getByLabel('Your name').fill('Ada')
    await page.getByLabel('E-mail').fill('ada@example.com')
    await page.getByLabel('Password', { exact: true }).fill('a long pass-phrase')
    await page.getByRole('button', { name: 'Create the owner account' }).click()
    await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' })).toBeVisible()
    const other = await browser.newPage({ locale: 'en-GB' })
    await other.goto(house.url)
    await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    const again = await fetch(`${house.url}/api/setup`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Parley': '1' }, body: JSON.stringify({ name: 'Eve', email: 'eve@example.com', password: 'another long one' }) })
    expect(again.status).toBeGreaterThanOrEqual(400)
  } finally {
    await house.remove()
  }
})

const screens: Record<string, string[]> = {
  'anna@example.com': ['Inbox', 'Settings'],
  'emma@example.com': ['Knowledge', 'Playbooks', 'Evals', 'Settings'],
  'eva@example.com': ['Playbooks', 'Evals', 'Settings'],
  'sam@example.com': ['Inbox', 'Playbooks', 'Evals', 'Queues', 'Calls', 'People', 'Audit', 'Settings'],
}

test('every role sees its own screens and no others, by link or by address', async ({ browser }) => {
  for (const [email, names] of Object.entries(screens)) {
    const page = await user(browser, email)
    const links = page.getByRole('navigation', { name: 'Main' }).getByRole('link')
    await expect(links).toHaveText(names)
    await page.context().close()
  }
  const eva = await user(browser, 'eva@example.com')
  await eva.goto(`${parley}/people`)
  await expect(eva.getByRole('main')).not.toContainText('olivia@example.com')
  expect(await eva.evaluate(() => fetch('/api/users').then((r) => r.status))).toBe(403)
})

test('the desk by keys: the list, the palette, the help; a note stays inside; a suggestion is taken back', async ({ browser }) => {
  await say(await customer(browser), 'hello') // there are two to move between
  const { c, desk } = await taken(browser, people.owner, 'a large latte please')
  const here = desk.url()
  await desk.goto(`${parley}/inbox?tab=all`)
  const current = desk.locator('[data-testid=inbox-row][aria-current]')
  await expect(desk.getByTestId('inbox-row').nth(1)).toBeVisible()
  const at: string[] = []
  for (const key of ['j', 'j', 'k']) {
    const was = desk.url()
    await desk.keyboard.press(key)
    await expect.poll(() => desk.url()).not.toBe(was)
    await expect(current).toHaveCount(1)
    at.push(desk.url())
  }
  expect(at[2]).toBe(at[0])
  await desk.goto(here)
  await expect(composer(desk)).toBeVisible()

  await desk.keyboard.press('?')
  await expect(desk.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await desk.keyboard.press('Escape')
  await desk.keyboard.press('ControlOrMeta+k')
  const find = desk.getByRole('combobox', { name: 'Find anything' })
  await find.fill('deliver')
  await expect(desk.getByRole('option', { name: /deliver/i }).first()).toBeVisible()
  await accessible(desk, '[role=dialog]')
  await look(desk, 'c-palette')
  await find.fill('Visitor')
  await expect(desk.getByText('People', { exact: true }).last()).toBeVisible()
  await desk.keyboard.press('Escape')

  await desk.keyboard.press('n')
  await desk.keyboard.type('He sounds upset: be kind')
  await desk.keyboard.press('Enter')
  await expect(desk.getByTestId('thread')).toContainText('He sounds upset')

  await say(c, 'Do you deliver to Pudong, and what does it cost?')
  const suggestion = desk.getByTestId('suggestion').first()
  await expect(suggestion).toBeVisible()
  const words = (await suggestion.getByRole('button').first().innerText()).split('\n')[0]!.replace(/[*_]/g, '').slice(0, 25)
  await desk.getByTestId('thread').click()
  await desk.keyboard.press('ControlOrMeta+1')
  await expect(desk.getByTestId('outgoing')).toBeVisible()
  await desk.keyboard.press('ControlOrMeta+z')
  await expect(desk.getByTestId('outgoing')).toBeHidden()
  await expect(composer(desk)).not.toHaveValue('') // back in the composer
  await composer(desk).fill('')
  await desk.keyboard.press('Escape')
  await expect(suggestion).toBeVisible()
  await desk.keyboard.press('Alt+1')
  await expect(composer(desk)).toBeFocused()
  await expect(composer(desk)).not.toHaveValue('')
  await composer(desk).fill('This is what I say instead.')
  await desk.keyboard.press('Enter')
  await expect(c.thread).toContainText('This is what I say instead.', { timeout: 30_000 })
  await expect(c.thread).not.toContainText('He sounds upset')
  await expect(c.thread).not.toContainText(words)
  await look(desk, 'c-desk')

  // To a queue, and back.
  await desk.keyboard.press('Escape')
  await desk.keyboard.press('t')
  const dialog = desk.getByRole('dialog', { name: 'Transfer' })
  await dialog.getByLabel('To', { exact: true }).selectOption({ index: 1 })
  await dialog.getByLabel(/Note/).fill('knows the way')
  await dialog.getByRole('button', { name: 'Transfer' }).click()
  await expect(c.chat.locator('.wait')).toBeVisible()
  await desk.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click()
  await expect(c.chat.locator('.wait')).toBeHidden()
  await expect(c.thread).not.toContainText('knows the way')
  await c.page.reload()
  await expect(c.thread).toContainText('This is what I say instead.')
  await expect(c.thread).not.toContainText('He sounds upset')
})

test('a person who is added can sign in, and the audit says who added him', async ({ browser }) => {
  const olivia = await user(browser, people.owner)
  await olivia.getByRole('link', { name: 'People' }).click()
  await olivia.getByRole('button', { name: 'Add a person' }).click()
  const dialog = olivia.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Noor')
  await dialog.getByLabel('E-mail').fill('noor@example.com')
  await dialog.getByLabel('Password').fill('parley-demo-2026')
  await accessible(olivia, '[role=dialog]')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(olivia.getByRole('button', { name: 'Noor' })).toBeVisible()
  const noor = await user(browser, 'noor@example.com')
  await expect(noor.getByRole('navigation', { name: 'Main' }).getByRole('link')).toHaveText(['Inbox', 'Settings'])
  await olivia.getByRole('link', { name: 'Audit' }).click()
  await expect(olivia.getByRole('row').filter({ hasText: 'Olivia' }).filter({ hasText: /user/ }).first()).toBeVisible()
  await look(olivia, 'c-audit')
})

for (const [lang, theme, width] of [['en', 'Light', 1440], ['zh', 'Dark', 1440], ['en', 'Dark', 390], ['zh', 'Light', 390]] as const) {
  test(`every screen is accessible: ${lang}, ${theme.toLowerCase()}, ${width} pixels`, async ({ browser }) => {
    const page = await user(browser, people.owner)
    await page.getByRole('button', { name: /Account and presence/ }).click()
    await page.getByRole('menuitemcheckbox', { name: theme }).click()
    if (lang === 'zh') {
      await page.getByRole('button', { name: /Account and presence/ }).click()
      await page.getByRole('menuitemcheckbox', { name: '中文' }).click()
    }
    await expect(page.locator('html')).toHaveAttribute('lang', lang === 'zh' ? 'zh-CN' : 'en')
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme.toLowerCase())
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
    for (const path of ['inbox?tab=all', 'knowledge', 'playbooks', 'playbooks/coffee', 'evals', 'queues', 'calls', 'people', 'audit', 'settings']) {
      await page.goto(`${parley}/${path}`)
      await expect(page.getByRole('heading').first()).toBeAttached()
      await expect(page.getByRole('status', { name: /Loading|加载/ })).toHaveCount(0)
      await accessible(page, 'body')
      if (width === 390) expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390)
      await look(page, `c-${path.replace(/\W/g, '-')}-${lang}-${theme}-${width}`)
    }
    await page.evaluate(() => fetch('/api/me', { method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-Parley': '1' }, body: '{"lang":"en","theme":"light"}' }))
  })
}
