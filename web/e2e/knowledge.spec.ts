// An editor's path: a table of questions and answers is imported and answers
// customers, synonyms make it found, publishing says what it changes, and a
// source that changed under an edited article is settled.
import { expect, type Page } from '@playwright/test'
import { customer, look, people, say, test, user } from './people'
import { accessible } from './places'
import { parley } from './playwright.config'

const table = (parasol: string) => ({ name: 'faq.csv', mimeType: 'text/csv', buffer: Buffer.from(`question,answer,similar questions,tags
Do you lend parasols?,"${parasol}",Can I borrow a parasol?,service
Is there a piano in the shop?,"There is a piano, and everybody may play it until eight.",,service
Do you have a cloakroom?,,,
`) })

const body = (page: Page) => page.locator('.cm-content').first()
const chinese = (page: Page) => page.evaluate(() => localStorage.setItem('parley.lang', '"zh"'))

test('an editor imports, is found by synonyms, sees what publishing changes and settles a conflict', async ({ browser }) => {
  test.setTimeout(240_000)
  const emma = await user(browser, people.editor)
  await emma.goto(`${parley}/knowledge/sources`)
  await emma.getByRole('button', { name: 'Import' }).click()
  await emma.getByLabel('Choose files').setInputFiles([table('We lend parasols for two yuan a day.'), { name: 'cup.png', mimeType: 'image/png', buffer: Buffer.from('x') }])
  await expect(emma.getByText('cup.png cannot be read')).toBeVisible()
  await accessible(emma, 'main')
  await emma.getByRole('button', { name: 'Next' }).click()
  await emma.getByLabel('Playbook').selectOption({ label: 'Alder Coffee' })
  await emma.getByLabel('Published at once').check()
  await emma.getByRole('button', { name: 'Show the preview' }).click()
  await expect(emma.getByText('Nothing is saved yet')).toBeVisible()
  await emma.getByRole('button', { name: /parasols/ }).click()
  await expect(emma.getByText('two yuan a day')).toBeVisible()
  await emma.getByText('1 thing to know').click()
  await expect(emma.getByText('a question without an answer')).toBeVisible()
  await emma.getByRole('checkbox', { name: /piano/ }).uncheck()
  await accessible(emma, 'main')
  await look(emma, 'k-preview')
  await emma.getByRole('button', { name: 'Import 1 page' }).click()
  await expect(emma.getByText('1 article imported')).toBeVisible()
  const source = emma.url()

  // It answers in the help centre and in the chat; what was left out does not.
  await emma.getByRole('button', { name: /parasols/ }).click()
  await emma.getByRole('link', { name: 'Open the article' }).click()
  await expect(body(emma)).toContainText('two yuan')
  await expect(emma.getByText(/From faq\.csv/)).toBeVisible()
  const article = emma.url()
  const c = await customer(browser)
  await say(c, 'do you lend parasols?')
  await expect(c.thread).toContainText('two yuan a day')
  const help = await browser.newPage()
  await help.goto(`${parley}/help/coffee/en/search?q=parasols`)
  await expect(help.locator('main')).toContainText('lend parasols')
  await help.goto(`${parley}/help/coffee/en/search?q=piano`)
  await expect(help.locator('main')).not.toContainText('everybody may play')

  // A word that no article has finds it as soon as it means the same.
  await emma.goto(`${parley}/knowledge/synonyms`)
  await emma.getByLabel('Playbook').selectOption({ label: 'Alder Coffee' })
  const tried = emma.getByRole('searchbox', { name: 'Try a search' })
  const hits = emma.getByRole('list', { name: 'What is found' })
  await tried.fill('gamp')
  await expect(emma.getByText('Nothing is found').or(hits)).toBeVisible()
  await expect(hits.getByText('Do you lend parasols?')).toBeHidden()
  await emma.getByRole('button', { name: 'Add a group' }).click()
  const words = emma.getByRole('textbox', { name: 'Words that mean the same' }).first()
  for (const word of ['gamp', 'parasol']) {
    await words.fill(word)
    await words.press('Enter')
  }
  await expect(emma.getByText(/Saved by Emma/)).toBeVisible()
  await expect(hits.getByRole('listitem').first()).toContainText('Do you lend parasols?')
  await accessible(emma, 'main')
  await look(emma, 'k-synonyms')

  // Publishing says what it changes: nothing here, a test that breaks there.
  const write = async (text: string) => {
    await body(emma).click()
    await emma.keyboard.press('ControlOrMeta+a')
    await emma.keyboard.insertText(text)
    await emma.getByRole('button', { name: 'Publish' }).click()
  }
  const dialog = emma.getByRole('dialog')
  await emma.goto(`${parley}/knowledge?q=opening-hours&lang=en`)
  await emma.getByRole('link', { name: 'Opening hours and places' }).first().click()
  await expect(body(emma)).toContainText('Anfu Road')
  await write('We open at nine.')
  await expect(dialog.getByRole('region', { name: 'Tests that break' })).toContainText('opening hours by tap', { timeout: 30_000 })
  await expect(dialog.getByRole('button', { name: 'Publish all the same' })).toBeVisible()
  await accessible(emma, '[role=dialog]')
  await look(emma, 'k-impact')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await emma.goto(article)
  await expect(body(emma)).toContainText('two yuan')
  await write('We lend parasols for three yuan a day.')
  await expect(dialog).toContainText('Nothing changes', { timeout: 30_000 })
  await dialog.getByRole('button', { name: 'Publish now' }).click()
  await expect(dialog).toBeHidden()

  // The source changes too: nobody's text is lost until somebody decides.
  await emma.goto(source)
  await emma.getByRole('button', { name: 'More actions' }).click()
  await emma.getByRole('menuitem', { name: 'Replace the files' }).click()
  await emma.getByRole('dialog').getByLabel('Choose files').setInputFiles(table('We lend parasols for nothing.'))
  await emma.getByRole('dialog').getByRole('button', { name: 'Show the preview' }).click()
  await emma.getByRole('button', { name: /^Conflict/ }).click()
  const detail = emma.getByRole('region', { name: 'Do you lend parasols?' })
  await expect(detail).toContainText('three yuan')
  await expect(detail).toContainText('for nothing')
  await accessible(emma, 'main')
  await look(emma, 'k-conflict')
  await detail.getByLabel("Take the source's").check()
  await emma.getByRole('button', { name: /^Take over \d+ pages?$/ }).click()
  await expect(emma.getByText(/1 updated/)).toBeVisible()
  await say(c, 'do you lend parasols?')
  await expect(c.thread).toContainText('for nothing')
})

test('the screens of the knowledge base are accessible in both languages', async ({ browser }) => {
  test.setTimeout(240_000)
  const emma = await user(browser, people.editor)
  for (const zh of [false, true]) {
    if (zh) await chinese(emma)
    for (const room of ['', '/improve', '/improve?view=pairs', '/improve?view=articles', '/improve?view=drafts', '/sources', '/import', '/synonyms', '/canned', '/ledger']) {
      await emma.goto(`${parley}/knowledge${room}`)
      await expect(emma.getByRole('heading', { level: 1 })).toHaveText(room === '/import' ? (zh ? '导入文章' : 'Import articles') : zh ? '知识库' : 'Knowledge')
      await expect(emma.getByRole('status', { name: zh ? '加载中' : 'Loading' })).toBeHidden()
      await accessible(emma, 'main')
    }
  }
})

test('questions that have to be answered keep an article back until somebody says anyway', async ({ browser }) => {
  test.setTimeout(240_000)
  const emma = await user(browser, people.editor)
  const put = (least: number) => emma.evaluate(async (least) => {
    const r = await fetch('/api/evals/retrieval', { method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-Parley': '1' }, body: JSON.stringify({ playbook: 'coffee', lang: 'en', least, questions: [{ question: 'What does a ukulele evening cost?', article: 'ukulele' }] }) })
    return r.ok
  }, least)
  await emma.goto(`${parley}/knowledge/new?playbook=coffee&slug=ukulele&lang=en`)
  await emma.getByRole('textbox', { name: 'Title' }).fill('Ukulele evenings')
  const write = async (text: string) => {
    await body(emma).click()
    await emma.keyboard.press('ControlOrMeta+a')
    await emma.keyboard.insertText(text)
  }
  await write('A ukulele evening costs nothing. Bring a ukulele.')
  await emma.getByRole('button', { name: 'Save' }).click()
  await expect(emma.getByText('Draft').first()).toBeVisible()
  const dialog = emma.getByRole('dialog')
  await emma.getByRole('button', { name: 'Publish' }).click()
  await dialog.getByRole('button', { name: /^Publish (now|all the same)$/ }).click()
  await expect(dialog).toBeHidden()
  await expect(emma.getByText('Published').first()).toBeVisible()
  expect(await put(1)).toBe(true)

  await emma.getByRole('textbox', { name: 'Title' }).fill('Knitting')
  await write('We knit on Mondays.')
  await emma.getByRole('button', { name: 'Publish' }).click()
  await expect(dialog.getByRole('region', { name: 'Sets of questions' })).toContainText('ukulele evening', { timeout: 30_000 })
  const go = dialog.getByRole('button', { name: 'Publish all the same' })
  await expect(go).toBeDisabled()
  await accessible(emma, '[role=dialog]')
  await look(emma, 'k-gate')
  await dialog.getByRole('checkbox', { name: /must reach/ }).check()
  await go.click()
  await expect(dialog).toBeHidden()
  await expect(emma.getByText('Version 2')).toBeVisible()

  // Taken back, the text of before is live again.
  await emma.getByRole('region', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).last().click()
  await expect(body(emma)).toContainText('costs nothing')
  await expect(emma.getByText('Published').first()).toBeVisible()

  // A link shows the words that it is about, and a question that may be added.
  await emma.goto(`${emma.url()}?find=${encodeURIComponent('Bring a ukulele.')}&ask=${encodeURIComponent('May I sing along?')}`)
  await expect(emma.getByRole('textbox', { name: 'Add a question' })).toHaveValue('May I sing along?')
  expect(await emma.evaluate(async () => (await fetch('/api/evals/retrieval?playbook=coffee&lang=en', { method: 'DELETE', headers: { 'X-Parley': '1' } })).ok)).toBe(true)
})
