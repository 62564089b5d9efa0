// Compresses what was built once, at the highest level, and holds the size
// budget: a customer's site pays for every byte.
import { readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const budget = 25 * 1024
const raw = readFileSync('dist/widget.js')
const gz = gzipSync(raw, { level: 9 })
writeFileSync('dist/widget.js.gz', gz)
writeFileSync('dist/widget.js.br', brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
console.log(`widget.js ${raw.length} bytes, ${gz.length} gzipped (budget ${budget})`)
if (gz.length > budget) process.exit(1)
