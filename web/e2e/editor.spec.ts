// Articles from draft to published and back, two editors at once, playbooks
// that are checked, gated by their suites, and taken back.
import { expect, type Browser, type Page } from '@playwright/test'
import { customer, look, people, publish, say, test, user } from './people'
import { accessible } from './places'
import { parley } from './playwright.config'

const body = (page: Page) => page.locator('.cm-content').first()

/** Replaces what a text editor holds. */
async function write(page: Page, text: string) {
  await body(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.press('Backspace')
  await page.keyboard.insertText(text)
}

test('an article: draft, review, published, compared, restored', async ({ browser }) => {
  const emma = await user(browser, people.editor)
  await emma.getByRole('link', { name: 'Knowledge' }).click()
  await emma.getByRole('button', { name: 'New article' }).click()
  await emma.getByRole('textbox', { name: 'Title' }).fill('Umbrellas')
  await write(emma, 'We lend umbrellas for two yuan a day.')
  await emma.getByRole('button', { name: 'Save' }).click()
  await expect(emma.getByText('Draft').first()).toBeVisible()
  await emma.getByRole('button', { name: 'More actions' }).click()
  await emma.getByRole('menuitem', { name: /review/i }).click()
  await emma.getByRole('dialog').getByRole('button', { name: 'Ask for a review' }).click()
  await expect(emma.getByText('In review').first()).toBeVisible()
  const c = await customer(browser)
  await say(c, 'do you lend umbrellas?')
  await expect(c.thread.locator('.bubble')).toHaveCount(3)
  await expect(c.thread).not.toContainText('two yuan') // not yet

  await publish(emma)
  await expect(emma.getByText('Published').first()).toBeVisible()
  await say(c, 'do you lend umbrellas?')
  await expect(c.thread).toContainText('two yuan a day')

  await write(emma, 'We lend umbrellas for three yuan a day.')
  await publish(emma)
  await expect(emma.getByText('Not saved')).toBeHidden()
  await emma.getByRole('tab', { name: 'Versions' }).click()
  await emma.getByRole('listitem').getByRole('button').last().click()
  const compare = emma.getByRole('dialog')
  await expect(compare).toContainText('two yuan')
  await expect(compare).toContainText('three yuan')
  await accessible(emma, '[role=dialog]')
  await look(emma, 'e-diff')
  await compare.getByRole('button', { name: /Bring version/ }).click()
  await expect(body(emma)).toContainText('two yuan')
})

test('two editors save the same article: the second sees both texts and loses neither', async ({ browser }) => {
  const emma = await user(browser, people.editor)
  await emma.goto(`${parley}/knowledge?q=gift`)
  await emma.getByRole('link', { name: /gift/i }).first().click()
  await expect(body(emma)).not.toBeEmpty()
  const olivia = await user(browser, people.owner)
  await olivia.goto(emma.url())
  await expect(body(olivia)).not.toBeEmpty()
  await write(emma, 'Emma writes about gift cards.')
  await write(olivia, 'Olivia writes about gift cards.')
  await emma.getByRole('button', { name: 'Save' }).click()
  await expect(emma.getByText('Not saved')).toBeHidden()
  await olivia.getByRole('button', { name: 'Save' }).click()
  const both = olivia.getByRole('dialog', { name: 'Somebody saved before you' })
  await expect(both).toContainText('Emma writes')
  await expect(both).toContainText('Olivia writes')
  await accessible(olivia, '[role=dialog]')
  await look(olivia, 'e-conflict')
  await both.getByRole('button', { name: 'Bring together' }).click()
  await both.getByLabel('Both together').fill('Emma and Olivia write about gift cards.')
  await both.getByRole('button', { name: 'Go on with this' }).click()
  await olivia.getByRole('button', { name: 'Save' }).click()
  await expect(olivia.getByText('Not saved')).toBeHidden()
  await olivia.reload()
  await expect(body(olivia)).toContainText('Emma and Olivia write')
})

/** The coffee playbook, one of its files open in the editor. */
async function file(browser: Browser, folder: string, name: string): Promise<Page> {
  const page = await user(browser, people.owner)
  await page.getByRole('link', { name: 'Playbooks' }).click()
  await page.getByRole('link', { name: 'Alder Coffee' }).click()
  await expect(page.getByText(/^Revision \d+$/).first()).toBeVisible()
  await look(page, 'e-picture')
  await page.getByRole('tab', { name: 'Files' }).click()
  await page.getByRole('navigation', { name: 'Files' }).getByRole('listitem').filter({ hasText: name }).getByRole('button', { name }).first().click()
  await expect(page.getByRole('textbox', { name: `${folder}/${name}` })).toBeVisible()
  return page
}

/** The text of a file as it is live. */
async function live(page: Page, path: string): Promise<string> {
  return page.evaluate(async (p) => {
    const book = await fetch('/api/playbooks/coffee').then((r) => r.json()) as { live_revision: number }
    return (await fetch(`/api/playbooks/coffee/revisions/${book.live_revision}/files/${p}`).then((r) => r.json()) as { text: string }).text
  }, path)
}

test('a playbook: a mistake is shown at its line, a change is tried, published by its suites and rolled back', async ({ browser }) => {
  test.setTimeout(240_000)
  const page = await file(browser, 'menus', 'main.yaml')
  const text = await live(page, 'menus/main.yaml')
  const at = text.split('\n').findIndex((l) => l.includes('flow:order_coffee')) + 1
  await write(page, text.replace('flow:order_coffee', 'flow:order_tea'))
  const problem = page.getByRole('list', { name: 'Problems' }).getByRole('button').first()
  await expect(problem).toContainText(`menus/main.yaml:${at}:`)
  await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled()
  await problem.click()
  await expect(page.locator('.cm-activeLine')).toContainText('order_tea')
  await accessible(page, 'body')
  await look(page, 'e-problem')

  await write(page, text.replace('How can we help?', 'What may we bring you?'))
  await expect(problem).toBeHidden()
  await page.getByRole('button', { name: 'Try the bot' }).click()
  const bot = page.getByRole('region', { name: 'Try the bot' })
  await expect(bot).toContainText('What may we bring you?')
  await bot.getByRole('textbox').fill('a large cappuccino please')
  await bot.getByRole('textbox').press('Enter')
  await expect(bot).toContainText('Foam does not travel')
  await look(page, 'e-try')

  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish' })
  await dialog.getByRole('button', { name: 'Run the suites and publish' }).click()
  await expect(dialog).toContainText(/Revision \d+ is live/, { timeout: 60_000 })
  await look(page, 'e-published')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  const c = await customer(browser)
  await expect(c.thread).toContainText('What may we bring you?')

  await page.getByRole('tab', { name: 'Revisions' }).click()
  await page.getByRole('listitem').filter({ hasText: 'first start' }).getByRole('button', { name: 'Go back to this' }).click()
  await expect(page.getByText('Revision 1').first()).toBeVisible()
  const next = await customer(browser)
  await expect(next.thread).toContainText('How can we help?')
})

test('a breaking change is refused with its report, and only forced with a reason', async ({ browser }) => {
  test.setTimeout(240_000)
  const page = await file(browser, 'flows', 'order_coffee.yaml')
  const text = await live(page, 'flows/order_coffee.yaml')
  await write(page, text.replaceAll('drink == "cappuccino"', 'drink == "latte"'))
  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish' })
  await dialog.getByRole('button', { name: 'Run the suites and publish' }).click()
  await expect(dialog).toContainText('Tests fail, so nothing was published', { timeout: 60_000 })
  await expect(dialog).toContainText(/cappuccino/i)
  await look(page, 'e-refused')
  const force = dialog.getByRole('button', { name: 'Publish all the same' })
  await expect(force).toBeDisabled()
  await dialog.getByLabel('What is new?').fill('Milk is out; suites follow')
  await force.click()
  await expect(dialog).toContainText(/Revision \d+ is live/, { timeout: 60_000 })
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('tab', { name: 'Revisions' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'Milk is out' })).toContainText(/forced/i)
  await page.getByRole('listitem').filter({ hasText: 'first start' }).getByRole('button', { name: 'Go back to this' }).click()
  await expect(page.getByText(/^Revision 1$/).first()).toBeVisible()
})

test('a run of the suites shows its progress and its report', async ({ browser }) => {
  test.setTimeout(240_000)
  const eva = await user(browser, 'eva@example.com')
  await eva.getByRole('link', { name: 'Evals' }).click()
  await eva.getByRole('button', { name: 'Run now' }).click()
  await eva.getByRole('dialog').getByLabel('Playbook').selectOption({ label: 'Kite Ride for drivers' })
  await eva.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await expect(eva.getByRole('heading', { name: /Run of Kite Ride/ })).toBeVisible()
  const report = eva.getByRole('link', { name: 'Report page' })
  await expect(report).toBeVisible({ timeout: 60_000 })
  await expect(eva.getByRole('main')).toContainText(/passed/i)
  await accessible(eva, 'body')
  await look(eva, 'e-report')
  const html = await eva.evaluate((href) => fetch(href).then(async (r) => ({ status: r.status, text: await r.text() })), (await report.getAttribute('href'))!)
  expect(html.status).toBe(200)
  expect(html.text).toContain('ridehail')
})
