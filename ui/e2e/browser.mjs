// One Chromium for all browser tests, signed in once. The tests run against the
// server at $PHAROS_URL, which is the demonstration (see test/e2e).
import { existsSync, mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const base = process.env.PHAROS_URL;
if (base === undefined) throw new Error('PHAROS_URL is not set: make test-e2e starts the server and runs these tests');

const candidates = [process.env.PHAROS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) throw new Error('no Chromium: install the package chromium, or set PHAROS_CHROMIUM');

export const artifacts = new URL('../../test/artifacts/', import.meta.url).pathname;
mkdirSync(artifacts, { recursive: true });

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export async function launch() {
  return chromium.launch({ executablePath, args });
}

/** A page in a context of its own; what the page reports as an error is collected. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('crash', () => errors.push('the page crashed'));
  return { context, page, errors };
}

export async function signIn(page) {
  await page.goto(`${base}/`);
  await page.getByLabel('User name').fill('admin');
  await page.getByRole('textbox', { name: 'Password' }).fill('lighthouse');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
