// Opens dashboards in a browser and says what each panel shows. It is run by Go tests
// (test/dashproof), which start the server, import the dashboards and feed them:
//   node proof.mjs < {"url", "dashboards": [{"uid", "tenant"}]}  > [{"uid", "seconds", "errors", "panels"}]
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { options } from './chromium.mjs';

/** High enough for most dashboards to be in view whole: panels ask only when they are. */
const viewport = { width: 1440, height: 16_000 };
/** How long a page may come no further: a slow machine takes its time, a spinner without an end does not get it. */
const patienceMs = 60_000;
/** Pages at a time: one draws while the other waits for answers. */
const atOnce = Number(process.env.PROOF_PAGES ?? 2);

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { url, dashboards } = JSON.parse(Buffer.concat(chunks).toString());

const browser = await chromium.launch(options);
// A small picture: nobody looks at it, and drawing costs.
const context = await browser.newContext({ viewport, deviceScaleFactor: 0.25, reducedMotion: 'reduce' });
const out = dashboards.map(() => undefined);
const waiting = [...dashboards.entries()];
const lookOn = async () => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    out[next[0]] = await look(next[1]);
    if (process.env.PROOF_PROGRESS) writeFileSync(process.env.PROOF_PROGRESS, JSON.stringify(out.filter((one) => one !== undefined)));
  }
};
await Promise.all(Array.from({ length: atOnce }, lookOn));
await browser.close();
process.stdout.write(JSON.stringify(out));

async function look({ uid, tenant }) {
  const begin = Date.now();
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('crash', () => errors.push('the page crashed'));
  try {
    await page.setExtraHTTPHeaders({ 'X-Scope-OrgID': tenant });
    await page.goto(`${url}/dashboards/${encodeURIComponent(uid)}?from=now-30m&to=now`, { waitUntil: 'commit', timeout: patienceMs });
    await page.waitForFunction(begun, undefined, { timeout: patienceMs });
    // Quiet for two looks in a row: repetitions appear when their variable is there.
    let quiet = 0;
    let [before, busyBefore] = [-1, -1];
    let [changed, further] = [Date.now(), Date.now()];
    while (quiet < 2 && Date.now() - further < patienceMs) {
      const { busy, bare } = await page.evaluate(openRowsAndCount, Date.now() - further > 3000);
      if (busy > 0 || bare !== before) changed = Date.now();
      if (busy !== busyBefore || bare !== before) further = Date.now();
      [before, busyBefore] = [bare, busy];
      // A text panel without a text stays bare.
      quiet = busy === 0 && (bare === 0 || Date.now() - changed > 5000) ? quiet + 1 : 0;
      await page.waitForTimeout(200);
    }
    return { uid, seconds: (Date.now() - begin) / 1000, errors, panels: await page.evaluate(readPanels) };
  } catch (error) {
    return { uid, seconds: (Date.now() - begin) / 1000, errors: [...errors, error.message], panels: [] };
  } finally {
    await page.close();
  }
}

/** Runs in the page: whether the dashboard is there, or says why it is not. */
function begun() {
  return document.querySelector('main [data-panel-id], main [role="alert"], main [data-state="empty"], main button[aria-expanded]:not([aria-haspopup])') !== null;
}

/** Runs in the page: opens rows that are closed; returns how much is still to come, and how many panels show nothing. */
function openRowsAndCount(held) {
  // Not what opens inside a panel: lines of logs, groups of alerts.
  const closed = [...document.querySelectorAll('main button[aria-expanded="false"]:not([aria-haspopup])')].filter((row) => row.closest('[data-panel-id]') === null);
  for (const row of closed) row.click();
  const bare = [...document.querySelectorAll('[data-panel-id]')].filter((panel) => {
    const body = [...panel.children].filter((child) => child.tagName !== 'HEADER');
    return body.every((child) => child.textContent.trim() === '' && child.querySelector('canvas, svg, img, table, iframe, [data-state]') === null);
  });
  // Panels ask only while they are in view: what is out of it is brought there, when nothing in it is still to come.
  const inView = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < window.innerHeight;
  };
  const loading = [...document.querySelectorAll('[data-state="loading"]')];
  // One at the edge may be in the window and still be cut off by what scrolls.
  if (held || !loading.some(inView)) (loading[0] ?? bare.find((panel) => !inView(panel)))?.scrollIntoView({ block: 'center' });
  return { busy: closed.length + loading.length, bare: bare.length };
}

/** Runs in the page. */
function readPanels() {
  return [...document.querySelectorAll('[data-panel-id]')].map((panel) => {
    const said = (selector) => panel.querySelector(selector)?.getAttribute('aria-label') ?? panel.querySelector(selector)?.textContent ?? '';
    const head = panel.querySelector('header');
    const body = [...panel.children].filter((child) => child !== head);
    const text = body.map((child) => child.textContent.trim()).join(' ');
    const drawn = body.some((child) => child.querySelector('canvas, svg, img, table, iframe') !== null);
    const warnings = head?.querySelector('[role="note"][aria-label]:not([class*="info"])')?.getAttribute('aria-label') ?? '';
    let state = 'data';
    let message = '';
    if (panel.querySelector('[data-state="error"], [role="alert"]')) [state, message] = ['error', said('[data-state="error"], [role="alert"]')];
    else if (panel.querySelector('[class*="unknown"]')) [state, message] = ['unsupported', said('[class*="unknown"]')];
    else if (panel.querySelector('[data-state="loading"]')) state = 'loading';
    else if (panel.querySelector('[data-state="empty"]')) {
      message = said('[data-state="empty"]');
      state = /not supported|no longer|unsupported/i.test(message) ? 'unsupported' : 'empty';
    } else if (text === '' && !drawn) state = 'blank';
    return { id: Number(panel.getAttribute('data-panel-id')), title: panel.getAttribute('aria-label') ?? '', state, message: message.slice(0, 400), warnings: warnings.slice(0, 400) };
  });
}
