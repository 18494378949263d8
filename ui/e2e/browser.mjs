// What the browser tests share. They run against the server at $PHAROS_URL, which is the
// demonstration (see test/e2e); run.mjs gives all files one Chromium and one session, and
// without it each file has its own.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { options as chromiumOptions } from './chromium.mjs';

export const base = process.env.PHAROS_URL;
if (base === undefined) throw new Error('PHAROS_URL is not set: make test-e2e starts the server and runs these tests');

export const artifacts = new URL('../../test/artifacts/', import.meta.url).pathname;
mkdirSync(artifacts, { recursive: true });

export const authorization = `Basic ${Buffer.from('admin:lighthouse').toString('base64')}`;

/** ask is a request as the administrator, without a browser; the answer's JSON, if there is any. */
export async function ask(method, path, data) {
  const headers = { authorization, ...(data === undefined ? {} : { 'content-type': 'application/json' }) };
  const answer = await globalThis.fetch(base + path, { method, headers, body: data === undefined ? undefined : JSON.stringify(data) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function launch() {
  const shared = process.env.PHAROS_BROWSER;
  return shared === undefined ? chromium.launch(chromiumOptions) : chromium.connect(shared);
}

/** A page in a context of its own; what the page reports as an error is collected. */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
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

/** The storage of a session that is signed in. */
export async function session(browser) {
  const { context, page } = await open(browser);
  try {
    await signIn(page);
    return await context.storageState();
  } finally {
    await context.close();
  }
}

/**
 * suite opens the browser before the tests of a file, and closes it after them. It returns
 * use, which is a test with a page of its own: signed in, unless its options say
 * otherwise. It keeps a screenshot when it fails, and fails on any error of the page.
 * timeout is that of a test, patience that of each wait in it, in milliseconds: enough for
 * a machine that does other things. What must be quick is in timing.test.mjs.
 */
export function suite({ timeout = 240_000, patience = 60_000 } = {}) {
  let browser, storageState;
  before(async () => {
    browser = await launch();
    const shared = process.env.PHAROS_SESSION;
    storageState = shared === undefined ? await session(browser) : JSON.parse(readFileSync(shared, 'utf8'));
  });
  after(() => browser?.close());
  return function use(name, body, options) {
    test(name, { timeout }, async (t) => {
      const { context, page, errors } = await open(browser, { storageState, ...options });
      page.setDefaultTimeout(patience);
      try {
        await body(page, { t, browser });
        assert.deepEqual(errors, [], 'the page reported errors');
      } catch (error) {
        await page.screenshot({ path: `${artifacts}${name.replaceAll(/\W+/g, '-')}.png` }).catch(() => {});
        throw error;
      } finally {
        await context.close();
      }
    });
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** serious is what axe calls serious or critical below an element, as readable lines. */
export async function serious(page, within = 'main') {
  await page.evaluate(axe);
  return page.evaluate(async (selector) => {
    const { violations } = await globalThis.axe.run(selector, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ target, any, html }) => `${id}: ${help}: ${target.join(' ')} ${any[0]?.message ?? ''} ${html.slice(0, 160)}`));
  }, within);
}

/** settled waits until nothing loads: every view has left its loading state. */
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('[data-state="loading"]') === null, undefined, { timeout: 15_000 }).catch(() => {});
  await page.evaluate(() => document.fonts.ready);
}
