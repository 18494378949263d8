import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// PHAROS_URL is the server that `npm run dev` talks to.
const server = process.env.PHAROS_URL ?? 'http://127.0.0.1:8400';

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
  },
  server: {
    // ../dashboards/support.json is part of the page.
    fs: { allow: ['.', '../dashboards'] },
    proxy: {
      // The origin stays this server's, or the gate takes a change for another site's.
      '/api': { target: server, changeOrigin: false },
      '/loki': { target: server, changeOrigin: false, ws: true },
      '/elastic': { target: server, changeOrigin: false },
      '/tempo': { target: server, changeOrigin: false },
      '/health': { target: server, changeOrigin: false },
    },
  },
  build: {
    target: 'es2022',
    manifest: true,
    // An inlined asset would be a data: URL, which the content policy refuses for scripts and fonts.
    assetsInlineLimit: 0,
    // dist/.gitkeep is tracked so that the Go embed has something to embed.
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Few files a page: HTTP/1.1 loads six at a time. What all pages need is one, and what
        // some share is cut where it is shared. Joining the small pieces further
        // (entriesAwareMergeThreshold) takes the dashboards' code into every page.
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 2 },
            { name: 'shared', minShareCount: 2, entriesAware: true, priority: 1 },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    testTimeout: 15_000,
    // Its ES modules take names out of CommonJS ones, which only a bundler allows.
    server: { deps: { inline: ['@grafana/data'] } },
  },
});
