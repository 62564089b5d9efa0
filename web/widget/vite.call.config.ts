import { defineConfig } from 'vite'

// The page of a call: built after the widget, beside it.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  publicDir: false,
  build: {
    target: 'es2022', emptyOutDir: false, modulePreload: false,
    rolldownOptions: { input: 'call.html', output: { entryFileNames: 'call-[hash].js', chunkFileNames: 'call-[hash].js' } },
  },
} as never)
