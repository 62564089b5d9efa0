import { defineConfig } from 'vite'

// One self-contained script: a site adds the widget with a single tag.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    lib: { entry: 'src/main.tsx', formats: ['iife'], name: 'ParleyWidget', fileName: () => 'widget.js' },
  },
  test: { environment: 'jsdom', testTimeout: 15_000 },
} as never)
