// Starts the binary with its demo on a data folder of its own, and removes the
// folder when it ends.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const port = Number(process.env.E2E_PORT ?? 18480)
const parley = process.env.E2E_BINARY ?? 'bin/parley'
const data = mkdtempSync(join(tmpdir(), 'parley-e2e-'))
const root = resolve(import.meta.dirname, '../..')
const child = spawn(resolve(root, parley), ['serve', '--demo', '--demo-addr', `127.0.0.1:${port + 1}`], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PARLEY_ADDR: `127.0.0.1:${port}`, PARLEY_BASE_URL: `http://127.0.0.1:${port}`, PARLEY_DATA_DIR: data, PARLEY_OFFER_TIME: '40s', PARLEY_SIP_UDP: 'off', PARLEY_WEB_UDP: 'off', DATABASE_URL: process.env.E2E_DATABASE_URL ?? '' },
})
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => {
  rmSync(data, { recursive: true, force: true })
  process.exit(code ?? 0)
})
