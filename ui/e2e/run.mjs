// Runs the browser tests with one Chromium and one signed-in session: two files at a time,
// one draws while the other waits for answers; then, alone, what measures time.
//   PHAROS_URL=http://127.0.0.1:8400 node e2e/run.mjs [FILE...]
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { session } from './browser.mjs';
import { options } from './chromium.mjs';

const folder = import.meta.dirname;
const alone = /^timing\./;
const named = process.argv.slice(2);
const all = named.length > 0 ? named.map((name) => name.replace(/^.*\//, '')) : readdirSync(folder).filter((name) => name.endsWith('.test.mjs'));
// About the longest first, so that the end is not one file that runs by itself.
const long = ['quality.test.mjs', 'pages.test.mjs'];
const size = (name) => (long.includes(name) ? 1e9 - long.indexOf(name) : statSync(join(folder, name)).size);
all.sort((a, b) => size(b) - size(a));

const server = await chromium.launchServer(options);
const kept = mkdtempSync(join(tmpdir(), 'pharos-e2e-'));
const env = { ...process.env, PHAROS_BROWSER: server.wsEndpoint(), PHAROS_SESSION: join(kept, 'session.json') };

/** test runs files and returns whether all is well. */
function test(files, atOnce) {
  if (files.length === 0) return true;
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...files.map((name) => join(folder, name))], { env, stdio: 'inherit' });
  return new Promise((resolve, reject) => child.on('error', reject).on('exit', (code) => resolve(code === 0)));
}

try {
  const browser = await chromium.connect(server.wsEndpoint());
  writeFileSync(env.PHAROS_SESSION, JSON.stringify(await session(browser)), { mode: 0o600 });
  await browser.close();
  const together = await test(all.filter((name) => !alone.test(name)), 2);
  const timing = await test(all.filter((name) => alone.test(name)), 1);
  process.exitCode = together && timing ? 0 : 1;
} finally {
  await server.close();
  rmSync(kept, { recursive: true, force: true });
}
