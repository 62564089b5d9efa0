// The places of the tests: a host page of our own making around the widget,
// servers that may be killed, and the accessibility of what is on the screen.
import { expect, type Page } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parley, port } from './playwright.config'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** No serious violation of WCAG 2.2 AA within the element (the widget's shadow tree included). */
export async function accessible(page: Page, within = 'parley-chat') {
  await page.evaluate(axeSource)
  const found = await page.evaluate(async (sel) => {
    const axe = (window as unknown as { axe: { run(of: object, o: object): Promise<{ violations: { id: string; impact: string; help: string; nodes: { html: string; failureSummary: string }[] }[] }> } }).axe
    const r = await axe.run({ include: [sel] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
    return r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html.slice(0, 200) + '\n    ' + n.failureSummary.replace(/\n/g, ' ')).join('\n  ')}`)
  }, within)
  expect(found, found.join('\n')).toEqual([])
}

/** Opens, for a user of the console, the conversation that this customer is in. */
export async function openFor(desk: Page, customer: Page) {
  const id = await customer.evaluate(async (origin) => {
    const token = localStorage.getItem(Object.keys(localStorage).find((k) => k.startsWith('parley:') && !/:(outbox|who)$/.test(k))!)
    const r = await fetch(`${origin}/v1/chat/conversation`, { headers: { Authorization: `Bearer ${token}` } })
    return (await r.json() as { conversation: { id: string } }).conversation.id
  }, parley)
  await desk.goto(`${parley}/inbox/${id}?tab=all`)
  await expect(desk.getByTestId('composer')).toBeVisible()
}

/** A site of a host's own with the widget on its one page; gone with the page that visits it. */
export async function hostPage(page: Page, o: { tag?: string; css?: string; policy?: boolean } = {}): Promise<string> {
  const policy = `default-src 'none'; script-src ${parley}; style-src 'self'; connect-src ${parley} ${parley.replace('http', 'ws')}; img-src ${parley} data:`
  const site = createServer((req, res) => {
    if (req.url === '/host.css') return void res.writeHead(200, { 'Content-Type': 'text/css' }).end(o.css)
    if (req.url !== '/') return void res.writeHead(404).end()
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...(o.policy ? { 'Content-Security-Policy': policy } : {}) }).end(`<!doctype html><html lang="en"><head>
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Host</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/host.css"></head>
<body><main><h1>A host's page</h1><button type="button">A button of the host</button></main><script src="${parley}/widget.js" data-playbook="coffee" ${o.tag ?? ''} async></script></body></html>`)
  })
  site.listen(0, '127.0.0.1').unref()
  await once(site, 'listening')
  page.once('close', () => { site.closeAllConnections(); site.close() })
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
}

/** A server of the test's own, on a data folder that outlives it. */
export class House {
  private child?: ChildProcess
  readonly data = mkdtempSync(join(tmpdir(), 'parley-e2e-'))
  readonly url: string
  readonly shop: string
  /** settings are what the environment tells it; without any it takes no calls. */
  constructor(private readonly nth: number, private readonly demo: boolean, readonly settings: Record<string, string> = { PARLEY_SIP_UDP: 'off', PARLEY_WEB_UDP: 'off' }) {
    this.url = `http://127.0.0.1:${port + 2 * nth}`
    this.shop = `http://127.0.0.1:${port + 2 * nth + 1}`
  }

  async start() {
    const root = resolve(import.meta.dirname, '../..')
    const p = port + 2 * this.nth
    this.child = spawn(resolve(root, process.env.E2E_BINARY ?? 'bin/parley'), ['serve', ...(this.demo ? ['--demo', '--demo-addr', `127.0.0.1:${p + 1}`] : [])], {
      cwd: root, stdio: ['ignore', 'ignore', openSync(join(this.data, 'log'), 'a')],
      env: { ...process.env, PARLEY_ADDR: `127.0.0.1:${p}`, PARLEY_BASE_URL: this.url, PARLEY_DATA_DIR: this.data, DATABASE_URL: '', ...this.settings },
    })
    await expect.poll(() => fetch(`${this.url}/readyz`).then((r) => r.status, () => 0), { timeout: 90_000 }).toBe(200)
  }

  /** Ends the process without warning, as a power cut does. */
  async kill() {
    const child = this.child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async remove() {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }
}
