// From the wish for a person to the rating: the customer at one end, agents
// and a knowledge editor at the other.
import { expect, type Page } from '@playwright/test'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { customer, look, password, people, publish, say, tap, test, user, type Customer } from './people'
import { parley } from './playwright.config'

test.describe.configure({ mode: 'serial' })

// Nobody else is waiting: what other tests left in the queues is closed.
test.beforeAll(async ({ playwright }) => {
  const api = await playwright.request.newContext({ baseURL: parley, extraHTTPHeaders: { 'X-Parley': '1', Origin: parley } })
  await api.post('/api/login', { data: { email: people.owner, password } })
  const { items } = await (await api.get('/api/conversations?tab=queues&limit=200')).json() as { items: { id: string }[] }
  for (const { id } of items) {
    await api.post(`/api/conversations/${id}/take`)
    await api.post(`/api/conversations/${id}/close`, { data: {} })
  }
  await api.dispose()
})

/** Says what the agent's presence is. */
async function be(page: Page, presence: 'Available' | 'Offline') {
  await page.getByRole('button', { name: /Account and presence/ }).click()
  await page.getByRole('menuitemcheckbox', { name: new RegExp('^' + presence) }).click()
}

/** Accepts offers until it is the one that is meant: what another file left may be offered first, and is closed. */
async function accept(agent: Page, meant: () => Promise<unknown>) {
  for (let n = 0; n < 5; n++) {
    await expect(agent.getByTestId('offer')).toBeVisible()
    await agent.keyboard.press('Enter')
    await expect(agent.getByTestId('composer')).toBeVisible()
    if (await meant().then(() => true, () => false)) return
    await agent.getByRole('button', { name: 'Close' }).first().click()
    await agent.keyboard.press('1')
  }
  throw new Error('it was never offered')
}

async function wantPerson(c: Customer) {
  await say(c, 'a large latte to 5 Elm Street please')
  await expect(c.thread).toContainText(/online or in cash/i)
  await say(c, 'I want to talk to a person')
}

test('who wants a person sees the card, corrects it, and sees his place', async ({ browser }) => {
  const c = await customer(browser)
  await wantPerson(c)
  await expect(c.chat.getByText('This is what we pass on')).toBeVisible()
  await expect(c.chat).toContainText('5 Elm Street')
  await c.chat.getByRole('button', { name: /Change: Deliver to/ }).click()
  await c.chat.getByLabel('Deliver to', { exact: true }).fill('7 Oak Road')
  await c.chat.getByRole('button', { name: 'Save' }).click()
  await expect(c.chat.locator('.wait')).toContainText('7 Oak Road')
  await c.chat.getByRole('button', { name: /Do not pass on: Size/ }).click()
  await expect(c.chat.locator('.wait')).not.toContainText('Large')
  await expect(c.chat.locator('.wait')).toContainText(/You are next|number \d+ in line|Nobody is at work/)
  await look(c.page, '3-handover-en')
  await c.page.context().close()
})

test('an agent accepts with the whole context, one click answers, an edited suggestion goes as edited', async ({ browser }) => {
  const anna = await user(browser, people.anna)
  await be(anna, 'Available')
  // The customer of the test before is still waiting, and is offered first.
  const offer = anna.getByTestId('offer')
  await expect(offer).toBeVisible()
  await look(anna, '4-offer-en')
  await accept(anna, () => expect(anna.getByTestId('hand-over')).toContainText('7 Oak Road', { timeout: 7000 }))
  await anna.getByRole('button', { name: 'Close' }).first().click()
  await anna.keyboard.press('1')
  // Whom another file left in a queue is seen to, too.
  for (let n = 0; n < 5 && await offer.waitFor({ state: 'visible', timeout: 7000 }).then(() => true, () => false); n++) {
    await anna.keyboard.press('Enter')
    await expect(anna.getByTestId('composer')).toBeVisible()
    await anna.getByRole('button', { name: 'Close' }).first().click()
    await anna.keyboard.press('1')
  }
  await expect(offer).toBeHidden()

  const c = await customer(browser)
  await say(c, 'what are your opening hours?')
  await expect(c.thread).toContainText('Source')
  await wantPerson(c)
  await expect(offer).toBeVisible()
  await anna.keyboard.press('Enter')
  await expect(c.thread).toContainText('Anna is with you now')
  const card = anna.getByTestId('hand-over')
  await expect(card).toContainText('5 Elm Street')
  await expect(anna.getByTestId('thread')).toContainText('opening hours')
  await anna.getByTestId('bot-steps').last().click()
  await expect(anna.getByRole('complementary')).toContainText(/Alder Coffee/) // the page he is on
  await look(anna, '4-context-en')

  await say(c, 'Do you deliver to Pudong, and what does it cost?')
  const suggestion = anna.getByTestId('suggestion')
  await expect(suggestion.first()).toBeVisible()
  await expect(suggestion.first()).toContainText(/sure/)
  await look(anna, '4-suggestions-en')
  const text = (await suggestion.first().getByRole('button').first().innerText()).replace(/^Send: */, '').trim().split('\n')[0]!.slice(0, 25)
  await suggestion.first().getByRole('button').first().click()
  await anna.getByTestId('composer').click()
  await expect(c.thread).toContainText(text.replace(/[*_]/g, ''), { timeout: 20_000 })

  await say(c, 'Can I pay by card?')
  await expect(suggestion.first()).toBeVisible()
  await suggestion.first().getByRole('button', { name: 'Put into the reply' }).click()
  const box = anna.getByTestId('composer').getByRole('textbox')
  await box.press('End')
  await box.pressSequentially(' Anything else I can do?')
  await expect(c.chat.locator('.typing')).toContainText('Anna')
  await box.press('Enter')
  await expect(c.thread).toContainText('Anything else I can do?')
  await look(c.page, '4-answered-en')

  // Transfer to a colleague, park, and close.
  const olivia = await user(browser, people.owner)
  await be(olivia, 'Available')
  await anna.getByRole('button', { name: 'Transfer' }).click()
  const dialog = anna.getByRole('dialog')
  const to = dialog.getByLabel('To', { exact: true })
  await to.selectOption((await to.locator('option', { hasText: 'Olivia' }).getAttribute('value'))!)
  await dialog.getByRole('button', { name: 'Transfer' }).click()
  await expect(olivia.getByTestId('offer')).toBeVisible()
  await olivia.keyboard.press('Enter')
  await expect(c.thread).toContainText('Olivia is with you now')
  await expect(olivia.getByTestId('composer')).toBeVisible()
  await olivia.keyboard.press('p')
  await olivia.getByRole('button', { name: 'Until the customer replies' }).click()
  await expect(olivia.getByText('Parked').first()).toBeVisible()
  await say(c, 'thank you, that is all')
  await expect(olivia.getByText('Live').first()).toBeVisible()
  await olivia.getByRole('button', { name: 'Close' }).first().click()
  await olivia.getByRole('button', { name: /Question about an order/ }).click()
  await expect(c.chat.getByText('How did it go?')).toBeVisible()
  await c.chat.getByRole('radio', { name: '5 of 5 stars' }).click()
  await c.chat.getByRole('button', { name: 'Send rating' }).click()
  await expect(c.chat).toContainText('Thank you for rating.')
  await look(c.page, '5-rated-en')
  await be(olivia, 'Offline')
  await be(anna, 'Offline')
})

test('an editor corrects an article; the next answer and the next suggestion use it', async ({ browser }) => {
  const emma = await user(browser, people.editor)
  await emma.getByRole('link', { name: 'Knowledge' }).click()
  await emma.getByRole('searchbox', { name: 'Search articles' }).or(emma.getByPlaceholder('Search articles')).first().fill('opening hours')
  await emma.getByRole('link', { name: /hours/i }).first().click()
  await look(emma, '5-editor-en')
  const body = emma.locator('.cm-content').first()
  await body.click()
  await emma.keyboard.press('ControlOrMeta+a')
  await emma.keyboard.insertText('Our shop at 12 Anfu Road is open from 6:15 to 23:45, every day of the week.')
  await publish(emma)
  await expect(emma.getByText('Published').first()).toBeVisible()

  const c = await customer(browser)
  await say(c, 'what are your opening hours?')
  await expect(c.thread).toContainText('6:15')

  const anna = await user(browser, people.anna)
  await be(anna, 'Available')
  await say(c, 'I want to talk to a person')
  await accept(anna, () => expect(c.thread).toContainText('Anna is with you now', { timeout: 7000 }))
  await say(c, 'When do you open in the morning?')
  await expect(anna.getByTestId('suggestion').first()).toContainText('6:15')
  await be(anna, 'Offline')
})

test('the command line runs the suites, and fails when a flow is broken', async () => {
  const root = resolve(import.meta.dirname, '../..')
  const binary = resolve(root, process.env.E2E_BINARY ?? 'bin/parley')
  const dir = mkdtempSync(join(tmpdir(), 'parley-playbook-'))
  try {
    cpSync(join(root, 'playbooks/coffee'), dir, { recursive: true })
    const run = () => spawnSync(binary, ['eval', 'run', join(dir, 'tests')], { encoding: 'utf8', timeout: 50_000 })
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringMatching(/passed/) })
    const flow = join(dir, 'flows/order_coffee.yaml')
    writeFileSync(flow, readFileSync(flow, 'utf8').replace('drink == "cappuccino"', 'drink == "americano"'))
    expect(run()).toMatchObject({ status: 1, stdout: expect.stringMatching(/FAIL|failed/) })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
