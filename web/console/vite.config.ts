import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The server that the development build talks to: `parley serve`, or dev/mock.mjs.
const server = process.env.PARLEY_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  html: { cspNonce: "__CSP_NONCE__" },
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/api": { target: server, ws: true }, "/v1": { target: server, ws: true } } },
  test: { environment: "jsdom", testTimeout: 15_000, include: ["src/**/*.test.{ts,tsx}"] },
});
