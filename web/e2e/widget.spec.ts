// The widget on other people's pages and in other people's hands: keyboard,
// screen reader, thumb, hostile style sheets, and what customers send in.
import { expect, type Browser, type BrowserContextOptions } from '@playwright/test'
import { customer, look, noErrors, people, say, tap, test, user, type Customer } from './people'
import { accessible, hostPage, openFor } from './places'
import { shop } from './playwright.config'

/** A picture of 8 by 8 pixels. */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGPo8tbCihiGlgQAAT8/wfYODqAAAAAASUVORK5CYII=', 'base64')

/** A customer in a browser of a kind of his own, with the chat closed. */
async function visitor(browser: Browser, options: BrowserContextOptions, path = '/coffee?lang=en'): Promise<Customer> {
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage()
  noErrors(page)
  await page.goto(path.startsWith('/') ? shop + path : path)
  const chat = page.getByRole('dialog')
  return { page, chat, thread: chat.getByRole('log') }
}
const open = (c: Customer) => c.page.getByRole('button', { name: /Open chat|打开对话/ }).click()

test('a coffee is ordered with the keyboard alone, and Escape gives the focus back', async ({ browser }) => {
  const c = await visitor(browser, {})
  const { page } = c
  const launcher = page.getByRole('button', { name: 'Open chat' })
  await launcher.focus()
  await page.keyboard.press('Enter')
  const first = c.chat.getByRole('button', { name: /Order a coffee/ })
  await expect(first).toBeVisible()
  for (let n = 0; n < 8 && !(await first.evaluate((el) => el.matches(':focus'))); n++) await page.keyboard.press('Tab')
  await expect(first).toBeFocused()
  await page.keyboard.press('Enter')
  // What was chosen is gone; the focus goes on to what is asked next.
  await expect(c.chat.getByRole('button', { name: 'Latte' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(c.chat.getByRole('button', { name: 'Small' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(c.thread).toContainText('Where shall we bring it?')
  await expect(c.chat.getByRole('textbox')).toBeFocused()
  await page.keyboard.type('5 Elm Street')
  await page.keyboard.press('Enter')
  const cash = c.chat.getByRole('button', { name: 'Cash' })
  await expect(cash).toBeVisible()
  for (let n = 0; n < 12 && !(await cash.evaluate((el) => el.matches(':focus'))); n++) await page.keyboard.press('Shift+Tab')
  await expect(cash).toBeFocused()
  await page.keyboard.press('Space')
  await expect(c.chat.getByRole('region')).toContainText('5 Elm Street')
  const yes = c.chat.getByRole('button', { name: /^(Confirm|Yes)/ })
  await expect(yes).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(c.thread).toContainText(/Your order [A-Z]?\d+/i)
  await page.keyboard.press('Escape')
  await expect(c.chat).toBeHidden()
  await expect(launcher).toBeFocused()
})

for (const lang of ['en', 'zh'] as const) {
  test(`the menu, the card, the waiting and the rating are accessible (${lang})`, async ({ browser }) => {
    const c = await customer(browser, lang)
    const zh = lang === 'zh'
    await expect(c.chat).toHaveAccessibleName(zh ? '赤杨咖啡' : 'Alder Coffee')
    await expect(c.chat.getByRole('log')).toHaveAttribute('aria-live', 'polite')
    await expect(c.chat.getByRole('group', { name: zh ? '菜单' : 'Menu' }).getByRole('button')).not.toHaveCount(0)
    await accessible(c.page)
    await look(c.page, `w-menu-${lang}`)
    await say(c, zh ? '来一杯大杯拿铁送到人民路12号' : 'a large latte to 12 Long Lane, I pay cash')
    if (zh) await tap(c, '现金')
    await expect(c.chat.getByRole('region').last()).toContainText(zh ? '人民路12号' : '12 Long Lane')
    await expect(c.chat.getByRole('button', { name: zh ? /送到.*修改/ : /Deliver to.*Change/ })).toBeVisible()
    await accessible(c.page)
    await look(c.page, `w-card-${lang}`)
    await tap(c, zh ? '人工服务' : 'Talk to a person')
    await expect(c.chat.getByText(zh ? '我们将转交以下内容' : 'This is what we pass on')).toBeVisible()
    await expect(c.chat.locator('.wait')).toHaveAttribute('aria-live', 'polite')
    await accessible(c.page)
    await look(c.page, `w-waiting-${lang}`)

    const sam = await user(browser, people.supervisor)
    await openFor(sam, c.page)
    await sam.keyboard.press('e')
    await sam.keyboard.press('1')
    await expect(c.chat.getByText(zh ? '服务还满意吗？' : 'How did it go?')).toBeVisible({ timeout: 30_000 })
    await c.chat.getByRole('radio', { name: zh ? /^4 星/ : '4 of 5 stars' }).click()
    await accessible(c.page)
    await look(c.page, `w-rating-${lang}`)
  })
}

test('on a phone the chat is the whole screen, large-fingered, with a way back', async ({ browser }) => {
  const c = await visitor(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 })
  await c.page.getByRole('button', { name: 'Open chat' }).tap()
  await expect(c.chat.getByRole('button', { name: /Order a coffee/ })).toBeVisible()
  expect(await c.chat.boundingBox()).toMatchObject({ x: 0, y: 0, width: 390, height: 844 })
  for (const b of await c.chat.getByRole('button').filter({ visible: true }).all()) {
    const box = (await b.boundingBox())!
    expect(Math.min(box.height, box.width), await b.innerText()).toBeGreaterThanOrEqual(44)
  }
  await expect(c.chat.getByRole('textbox')).toBeInViewport({ ratio: 1 })
  await look(c.page, 'w-phone-menu')
  await c.chat.getByRole('button', { name: /Order a coffee/ }).tap()
  await expect(c.chat.getByRole('button', { name: 'Latte' })).toBeInViewport({ ratio: 1 })
  await look(c.page, 'w-phone-choices')
  await c.chat.getByRole('button', { name: 'Close chat' }).tap()
  await expect(c.chat).toBeHidden()
  await c.page.getByRole('button', { name: 'Open chat' }).tap()
  await expect(c.chat.getByRole('button', { name: 'Latte' })).toBeVisible()
})

test("a hostile style sheet and a strict policy of the host's page do not break it; the brand's colour holds", async ({ browser }) => {
  const c = await visitor(browser, {}, 'about:blank')
  const css = '*{color:red!important;font-size:40px!important}button,form,textarea{display:none!important}div{opacity:0!important;transform:rotate(9deg)}'
  await c.page.goto(await hostPage(c.page, { css, policy: true, tag: 'data-accent="#ffcc00" data-title="Yellow"' }))
  const launcher = c.page.getByRole('button', { name: 'Open chat' })
  await expect(launcher).toHaveCSS('background-color', 'rgb(255, 204, 0)')
  await expect(launcher).toHaveCSS('color', 'rgb(17, 17, 17)')
  await launcher.click()
  await expect(c.chat).toHaveAccessibleName('Yellow')
  await expect(c.chat.getByRole('button', { name: /Order a coffee/ })).toHaveCSS('font-size', '16px')
  await expect(c.chat.getByRole('button', { name: /Order a coffee/ })).toHaveCSS('color', 'rgb(31, 36, 33)')
  await say(c, 'a large latte to 5 Elm Street')
  await tap(c, 'Cash')
  await expect(c.chat.getByRole('region').last()).toContainText('5 Elm Street')
  await accessible(c.page) // yellow is for backgrounds only
  await look(c.page, 'w-hostile')
})

test('an agent who writes while the chat is closed is seen on the launcher; the language and the dark look can be chosen', async ({ browser }) => {
  const c = await visitor(browser, {}, 'about:blank')
  await c.page.goto(await hostPage(c.page, { tag: 'data-theme="dark" data-position="left"' }))
  await open(c)
  await say(c, 'I want to talk to a person')
  await expect(c.chat.locator('.wait')).toBeVisible()
  await expect(c.chat).toHaveCSS('background-color', 'rgb(25, 28, 27)')
  expect((await c.chat.boundingBox())!.x).toBeLessThan(40)
  await accessible(c.page)
  await look(c.page, 'w-dark')
  await c.page.keyboard.press('Escape')
  await expect(c.chat).toBeHidden()

  const sam = await user(browser, people.supervisor)
  await openFor(sam, c.page)
  await sam.getByRole('button', { name: 'Take' }).click()
  const box = sam.getByTestId('composer').getByRole('textbox')
  for (const text of ['Hello, this is Sam.', 'Shall I call **you**?']) {
    await box.fill(text)
    await box.press('Enter')
  }
  const launcher = c.page.getByRole('button', { name: /Open chat/ })
  await expect(launcher).toHaveAccessibleName('Open chat, 2 unread: Shall I call you?', { timeout: 30_000 })
  await expect(launcher.locator('.badge')).toHaveText('2')
  await accessible(c.page)
  await look(c.page, 'w-unread')
  await launcher.click()
  await expect(c.thread).toContainText('Hello, this is Sam.')
  await c.chat.getByRole('button', { name: '中文' }).click()
  await expect(c.chat.getByRole('textbox', { name: '输入消息' })).toBeVisible()
  await expect(c.page.locator('parley-chat .root')).toHaveAttribute('lang', 'zh-CN')
  await c.page.keyboard.press('Escape')
  await expect(c.page.getByRole('button', { name: '打开对话', exact: true })).toBeFocused() // nothing unread any more
  await look(c.page, 'w-closed')

  // What a customer types is text at both ends, whatever it looks like.
  await open(c)
  const evil = '<img src=x onerror="document.title=\'broken\'"><script>document.title="broken"</script> [x](javascript:alert(1))'
  await say(c, evil)
  await expect(c.thread).toContainText(evil)
  await expect(sam.getByTestId('thread')).toContainText(evil)
  for (const p of [c.page, sam]) {
    await expect(p.locator('img[src="x"], a[href^="javascript"]')).toHaveCount(0)
    expect(await p.title()).not.toBe('broken')
  }
})

test('a photo goes up with its progress, a program is refused in plain words, a place is shared', async ({ browser }) => {
  const c = await visitor(browser, { permissions: ['geolocation'], geolocation: { latitude: 31.2304, longitude: 121.4737 } })
  await open(c)
  const [chooser] = await Promise.all([c.page.waitForEvent('filechooser'), c.chat.getByRole('button', { name: 'Send a file or photo' }).click()])
  let release = () => {}
  const held = new Promise<void>((done) => { release = done })
  await c.page.route('**/v1/chat/uploads', async (route) => { await held; await route.continue() })
  await chooser.setFiles({ name: 'cup.png', mimeType: 'image/png', buffer: png })
  await expect(c.chat.getByRole('status').getByRole('progressbar')).toBeVisible()
  release()
  const photo = c.thread.getByRole('img', { name: 'cup.png' })
  await expect(photo).toBeVisible()
  expect(await photo.evaluate((i: HTMLImageElement) => i.decode().then(() => i.naturalWidth))).toBe(8)

  await c.chat.locator('input[type=file]').first().setInputFiles({ name: 'setup.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ' + '\0'.repeat(600)) })
  await expect(c.chat.getByRole('alert')).toContainText('setup.exe: Files of this kind cannot be sent.')
  await look(c.page, 'w-upload')

  await say(c, 'a large latte, I pay cash')
  await expect(c.thread).toContainText('Where shall we bring it?')
  await c.chat.getByRole('button', { name: 'Share my location' }).click()
  await expect(c.chat.getByRole('region').last()).toContainText('31.23')
  await look(c.page, 'w-location')
})

test('a date is asked with a calendar and a photo with the camera', async ({ browser }) => {
  const c = await customer(browser, 'en', '/driver')
  await tap(c, /Documents/)
  await tap(c, /renewed document/)
  await tap(c, 'Driving licence')
  const date = c.chat.getByLabel('Type a message')
  await expect(date).toHaveAttribute('type', 'date')
  await expect(date).toHaveAttribute('min', /^\d{4}-\d\d-\d\d$/)
  await date.fill(`${new Date().getFullYear() + 2}-05-04`)
  await look(c.page, 'w-date')
  await date.press('Enter')
  await expect(c.thread).toContainText('take a photo')
  const [camera] = await Promise.all([c.page.waitForEvent('filechooser'), c.chat.getByRole('button', { name: 'Take a photo' }).click()])
  await expect(c.chat.locator('input[capture]')).toHaveAttribute('accept', 'image/*')
  await camera.setFiles({ name: 'licence.png', mimeType: 'image/png', buffer: png })
  await expect(c.chat.getByRole('region').last()).toContainText('Driving licence')
  await look(c.page, 'w-document')
})
