// A driver on his phone, in Chinese, between two trips: what is listed is
// solved in three or four taps, and he has a case number in his hand.
import { expect, type Browser, type Locator } from '@playwright/test'
import { look, noErrors, test } from './people'
import { accessible } from './places'
import { shop } from './playwright.config'

/** A driver who has the menu before him; touch counts what his thumb does. */
async function driver(browser: Browser) {
  const page = await (await browser.newContext({ locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 })).newPage()
  noErrors(page)
  await page.goto(`${shop}/driver?lang=zh`)
  await page.getByRole('button', { name: '打开对话' }).tap()
  const chat = page.getByRole('dialog')
  const thread = chat.getByRole('log')
  await expect(thread).toContainText('请问是哪方面的问题？')
  let taps = 0
  const touch = async (target: Locator) => {
    await expect(target).toBeInViewport({ ratio: 1 }) // without scrolling
    await target.tap()
    taps++
  }
  const choose = (name: string | RegExp) => touch(chat.getByRole('button', { name }).last())
  return { page, chat, thread, choose, taps: () => taps }
}

test('wrong pay is reported in four taps, with a case number', async ({ browser }) => {
  const d = await driver(browser)
  await look(d.page, 'd-menu')
  await accessible(d.page)
  await d.choose(/收入缺失或有误/)
  await d.choose('上周')
  await look(d.page, 'd-choices')
  await d.choose('机场行程')
  const card = d.chat.getByRole('region').last()
  await expect(card).toContainText('上周')
  await expect(card).toContainText('机场行程')
  await d.choose(/^确认/)
  await expect(d.thread).toContainText(/您的编号是 [A-Z]+-?\d+/)
  expect(d.taps()).toBeLessThanOrEqual(4)
  await look(d.page, 'd-pay')
})

test('who knows a complaint is coming files his side first, in four taps', async ({ browser }) => {
  const d = await driver(browser)
  await d.choose(/行程报备/)
  await d.choose('乘客未到')
  await d.choose('刚才的行程')
  await d.choose(/^确认/)
  await expect(d.thread).toContainText(/已报备，编号 [A-Z]+-?\d+/)
  expect(d.taps()).toBeLessThanOrEqual(4)
  await look(d.page, 'd-report')
})

test('danger is two taps from a person', async ({ browser }) => {
  const d = await driver(browser)
  await d.choose(/事故或安全/)
  await expect(d.thread).toContainText('120')
  await d.choose(/发生了事故/)
  await expect(d.chat.getByText('我们将转交以下内容')).toBeVisible()
  await look(d.page, 'd-danger')
})
