// The people of the tests: a customer in the shop and users of the console,
// each with a browser context of his own.
import { expect, test as base, type Browser, type Locator, type Page } from '@playwright/test'
import { parley, shop } from './playwright.config'

/** A test, after which everybody leaves. */
export const test = base.extend<{ leaving: void }>({
  leaving: [async ({ browser }, use) => {
    await use()
    for (const context of browser.contexts()) await context.close()
  }, { auto: true }],
})

export const password = 'parley-demo-2026'
export const people = { owner: 'olivia@example.com', anna: 'anna@example.com', bo: 'bo@example.com', editor: 'emma@example.com', supervisor: 'sam@example.com' }

export interface Customer { page: Page; chat: Locator; thread: Locator }

/** A customer who has just opened the chat in the shop and sees the menu. */
export async function customer(browser: Browser, lang: 'en' | 'zh' = 'en', path = '/coffee'): Promise<Customer> {
  const context = await browser.newContext({ locale: lang === 'zh' ? 'zh-CN' : 'en-GB' })
  const page = await context.newPage()
  noErrors(page)
  await page.goto(`${shop}${path}?lang=${lang}`)
  await page.getByRole('button', { name: lang === 'zh' ? '打开对话' : 'Open chat' }).click()
  const chat = page.getByRole('dialog')
  await expect(chat).toBeVisible()
  return { page, chat, thread: chat.getByRole('log') }
}

export async function say(c: Customer, text: string) {
  const box = c.chat.getByRole('textbox', { name: /Type a message|输入消息/ })
  await box.fill(text)
  await box.press('Enter')
}

export async function tap(c: Customer, name: string | RegExp) {
  await c.chat.getByRole('button', { name }).last().click()
}

/** A user of the console, signed in. */
export async function user(browser: Browser, email: string, at = parley, before?: () => void): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 900 } })
  if (before) await context.addInitScript(before)
  const page = await context.newPage()
  noErrors(page)
  await page.goto(at + '/')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  return page
}

/** Publishes the article that is open, whatever that changes. */
export async function publish(page: Page) {
  await page.getByRole('button', { name: 'Publish' }).click()
  await page.getByRole('dialog').getByRole('button', { name: /^Publish (now|all the same)$/ }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
}

/** Fails the test when a page throws or breaks its content security policy. */
export function noErrors(page: Page) {
  page.on('pageerror', (e) => { throw new Error(`page error on ${page.url()}: ${e.message}`) })
  page.on('console', (m) => {
    if (m.type() === 'error' && /Content Security Policy|Refused to/.test(m.text())) throw new Error(`policy broken on ${page.url()}: ${m.text()}`)
    if (m.type() === 'error' && /React error/.test(m.text())) throw new Error(`screen broken on ${page.url()}: ${m.text()}`)
  })
}

/** Looks: a picture for people, kept with the test's results. */
export async function look(page: Page, name: string) {
  await page.screenshot({ path: `../../test-results/looks/${name}.png` })
}
