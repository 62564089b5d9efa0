// Compresses what was built once, at the highest level, and holds the size
// budgets: a customer's site pays for every byte.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const budgets = [[/^widget\.js$/, 30], [/^call-.*\.js$/, 30]]
for (const name of readdirSync('dist').filter((n) => n.endsWith('.js'))) {
  const raw = readFileSync(`dist/${name}`)
  const gz = gzipSync(raw, { level: 9 })
  writeFileSync(`dist/${name}.gz`, gz)
  writeFileSync(`dist/${name}.br`, brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
  const budget = (budgets.find(([of]) => of.test(name))?.[1] ?? 0) * 1024
  console.log(`${name} ${raw.length} bytes, ${gz.length} gzipped (budget ${budget})`)
  if (gz.length > budget) process.exitCode = 1
}
