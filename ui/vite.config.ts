import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// PHAROS_URL is the server that `npm run dev` talks to.
const server = process.env.PHAROS_URL ?? 'http://127.0.0.1:8400';

/** Buttons, menus, tables: what pages are made of. */
const controls = /node_modules\/@(mantine|floating-ui|tanstack)/;
/** What every dashboard needs, whichever panels it has. */
const dashboard = /\/src\/features\/dashboards\/(model|data|panels)|node_modules\/(@grafana|lodash|moment|d3-|date-fns|dompurify|marked|tslib|rxjs)/;

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
        // Few files a page: HTTP/1.1 loads six at a time. A group takes its modules' dependencies
        // along, so the small ones that everything shares come first. `npm run size` watches what
        // each page loads; joining the rest further (entriesAwareMergeThreshold) takes the
        // dashboards' code into every page.
        codeSplitting: {
          groups: [
            { name: 'start', tags: ['$initial'], priority: 6 },
            { name: 'common', test: /node_modules\/@tabler|\/src\/(api|lib|components\/[^/]+$)/, minShareCount: 4, priority: 5 },
            { name: 'controls', test: controls, minShareCount: 8, priority: 5 },
            { name: 'control', test: controls, minShareCount: 2, entriesAware: true, priority: 4 },
            { name: 'chart', test: /\/src\/components\/chart|node_modules\/uplot/, minShareCount: 3, entriesAware: true, priority: 4 },
            { name: 'dashboard', test: dashboard, minShareCount: 3, priority: 3 },
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
