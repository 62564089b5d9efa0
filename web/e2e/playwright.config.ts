import { defineConfig } from '@playwright/test'
import { existsSync } from 'node:fs'

// The whole product, as `make run` starts it, with a fresh database: the demo
// shop on one origin, Parley on another, a real Chromium at each end.
export const port = Number(process.env.E2E_PORT ?? 18480)
export const shop = `http://127.0.0.1:${port + 1}`
export const parley = `http://127.0.0.1:${port}`

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => existsSync(p))

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  retries: process.env.CI ? 1 : 0, // a second try is reported as flaky, never as passed
  reporter: process.env.CI ? [['list']] : [['line']],
  forbidOnly: !!process.env.CI,
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    command: 'node server.mjs',
    url: `${parley}/readyz`,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'ignore',
    stderr: 'ignore',
    timeout: 120_000,
  },
})
