// The evaluator's path: a case written by chatting, that fails and passes; a
// conversation that becomes a case; questions that are scored; runs compared.
import { expect, type Page } from '@playwright/test'
import { customer, look, people, say, tap, test, user } from './people'
import { accessible, openFor } from './places'
import { parley } from './playwright.config'

const eva = 'eva@example.com'

/** A run of the coffee playbook, to its end. */
async function run(page: Page) {
  await page.getByRole('link', { name: 'Evals' }).click()
  await page.getByRole('button', { name: 'Run now' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Playbook').selectOption({ label: 'Alder Coffee' })
  await dialog.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByRole('heading', { name: /Run of Alder Coffee/ })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Report page' })).toBeVisible({ timeout: 60_000 })
}

test('a case written by chatting fails on a wrong expectation and passes when it is mended', async ({ browser }) => {
  test.setTimeout(240_000)
  const page = await user(browser, eva)
  await page.getByRole('link', { name: 'Evals' }).click()
  await page.getByRole('link', { name: 'Test cases' }).click()
  await page.getByRole('button', { name: 'New test case' }).first().click()
  const box = page.getByRole('textbox', { name: 'What the customer says' })
  await expect(box).toBeEnabled()
  await box.fill('a large latte to 5 Elm Street')
  await box.press('Enter')
  const first = page.getByRole('listitem', { name: 'Turn 1' })
  await expect(first).toContainText('Pay online or in cash?')
  await first.getByRole('button', { name: 'Mark all' }).click()
  await expect(page.getByText('Passes now')).toBeVisible()
  await first.getByRole('button', { name: 'Cash' }).click()
  const second = page.getByRole('listitem', { name: 'Turn 2' })
  await second.getByRole('checkbox', { name: 'Asks to confirm' }).check()
  await second.getByLabel('Says', { exact: true }).fill('5 Elm Street')
  await second.getByLabel('Says', { exact: true }).press('Enter')
  await expect(page.getByText('Passes now')).toBeVisible()

  await first.getByRole('combobox', { name: 'Size' }).selectOption({ label: 'Small' }) // it is not
  await expect(page.getByText('Fails now').first()).toBeVisible()
  await expect(first).toContainText('Size: expected Small, got Large')
  await page.getByLabel('Name').fill('A latte to Elm Street')
  await page.getByRole('radio', { name: /In use/ }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { name: 'A latte to Elm Street' })).toBeVisible()
  await accessible(page, 'body')
  await look(page, 'ev-case')

  await run(page)
  const failed = page.getByRole('region', { name: 'Cases', exact: true })
  await expect(failed).toContainText('A latte to Elm Street')
  await expect(failed).toContainText('Here it went wrong')
  await expect(page.getByText('Stops publishing')).toBeVisible()
  await expect(page.getByRole('region', { name: 'What changed since the live version' })).toContainText('1 new')
  await accessible(page, 'body')
  await look(page, 'ev-failed')

  await page.getByRole('link', { name: 'Open the case' }).click()
  await first.getByRole('combobox', { name: 'Size' }).selectOption({ label: 'Large' })
  await expect(page.getByText('Passes now')).toBeVisible()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved; it is run from now on')).toBeVisible()
  await run(page)
  await expect(page.getByText('Every case passed.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'What changed since the live version' })).toContainText('1 better')
  await page.getByRole('button', { name: '1 better' }).click()
  await look(page, 'ev-passed')

  await page.getByRole('button', { name: 'Back' }).click()
  await page.getByRole('link', { name: 'Test cases' }).click()
  await page.getByRole('button', { name: 'Remove A latte to Elm Street' }).click()
  await expect(page.getByText('“A latte to Elm Street” is deleted')).toBeVisible()
})

test('a conversation becomes a case without the number in it', async ({ browser }) => {
  const c = await customer(browser)
  await say(c, 'please call me at 13912345678 about a large latte')
  await expect(c.thread.locator('.bubble')).toHaveCount(3)
  await tap(c, 'Talk to a person').catch(() => say(c, 'I want to talk to a person'))
  const sam = await user(browser, people.supervisor)
  await openFor(sam, c.page)
  await sam.getByRole('button', { name: 'More actions' }).click()
  await sam.getByRole('menuitem', { name: 'Make a test of this' }).click()
  await expect(sam.getByText('Made of a conversation, without personal data')).toBeVisible()
  const turn = sam.getByRole('listitem', { name: 'Turn 1' })
  await expect(turn).toContainText('please call me at')
  await expect(sam.getByRole('main')).not.toContainText('13912345678')
  await sam.getByRole('tab', { name: 'As text (YAML)' }).click()
  await expect(sam.locator('.cm-content')).toContainText('please call me at')
  await expect(sam.locator('.cm-content')).not.toContainText('13912345678')
  await accessible(sam, 'body')
  await look(sam, 'ev-draft')
})

test('questions are pasted from a spreadsheet and scored', async ({ browser }) => {
  const page = await user(browser, eva)
  await page.goto(`${parley}/evals/questions`)
  await page.getByRole('button', { name: 'First question' }).click()
  const ask = page.getByRole('textbox', { name: 'Question 1', exact: true })
  await ask.focus()
  await ask.evaluate((el, text) => {
    const data = new DataTransfer()
    data.setData('text/plain', text)
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, 'When do you open?\topening-hours\nIs there decaf?\tdecaf\nWhen do you open on Sunday?\tgift-cards')
  await expect(page.getByRole('textbox', { name: 'Question 3', exact: true })).toHaveValue('When do you open on Sunday?')
  // Articles are shown by title, to somebody who may not read them.
  await expect(page.getByLabel('Article of question 1', { exact: true })).toHaveValue('Opening hours and places')
  await page.getByRole('button', { name: 'Save and score' }).click()
  await expect(page.getByText('66.7%').first()).toBeVisible()
  await expect(page.getByRole('row', { name: /Delete question 3/ })).toContainText(/instead: .*opening.hours/i)
  await page.getByRole('textbox', { name: 'Question 3', exact: true }).press('Control+Backspace')
  await page.getByRole('button', { name: 'Save and score' }).click()
  await expect(page.getByText('100%').first()).toBeVisible()
  await accessible(page, 'body')
  await look(page, 'ev-questions')
})

test('runs by themselves, in Chinese, on a telephone', async ({ browser }) => {
  const page = await user(browser, eva, parley, () => localStorage.setItem('parley.lang', '"en"'))
  await page.goto(`${parley}/evals/schedules`)
  await page.getByRole('button', { name: 'New schedule' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('How often').selectOption('weekly')
  await dialog.getByLabel('At', { exact: true }).fill('06:30')
  await accessible(page, '[role=dialog]')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('every Monday at 06:30')).toBeVisible()
  await page.addInitScript(() => localStorage.setItem('parley.lang', '"zh"'))
  await page.setViewportSize({ width: 390, height: 844 })
  for (const [path, words] of [['/evals', '最近的运行'], ['/evals/cases', '新建测试用例'], ['/evals/questions', '检索结果|还没有问题'], ['/evals/schedules', '06:30'], ['/evals/cases/new', '对话编写']]) {
    await page.goto(parley + path)
    await expect(page.getByText(new RegExp(words)).first()).toBeAttached()
    await accessible(page, 'body')
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path).toBe(true)
  }
  await look(page, 'ev-zh')
})
