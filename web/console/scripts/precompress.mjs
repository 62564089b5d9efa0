// Writes .br and .gz beside each text file of dist, for the server to pick from.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
let raw = 0, br = 0;

function walk(dir) {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) walk(path);
    // index.html carries a nonce that changes with each request.
    else if (/\.(js|css|svg|json|txt|map)$/.test(name)) compress(path);
  }
}

function compress(path) {
  const data = readFileSync(path);
  if (data.length < 512) return;
  const small = brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length } });
  writeFileSync(path + ".br", small);
  writeFileSync(path + ".gz", gzipSync(data, { level: 9 }));
  raw += data.length;
  br += small.length;
}

walk(dist);
console.log(`precompressed ${(raw / 1024).toFixed(0)} KB to ${(br / 1024).toFixed(0)} KB br`);
