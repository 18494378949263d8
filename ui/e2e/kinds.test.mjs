// Every kind of panel in one dashboard on live data, with native histograms,
// exemplars and a deploy that this test sends: all are drawn in both themes,
// nothing is wider than a telephone, and axe finds nothing serious.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { artifacts, ask, base, serious, suite } from './browser.mjs';

const dashboard = JSON.parse(readFileSync(new URL('./testdata/all-kinds.json', import.meta.url), 'utf8'));

let trace, annotation;

before(async () => {
  ({ traces: [{ traceID: trace }] } = await ask('GET', `/tempo/api/search?q=${encodeURIComponent('{ kind = server }')}&limit=1`));
  // Tempo's search leaves leading zeros out, OTLP wants them.
  await ask('POST', '/v1/metrics', latency(trace.padStart(32, '0')));
  annotation = await ask('POST', '/api/pharos/v1/annotations', { time_ms: Date.now() - 60_000, text: 'webapp 2.1', tags: ['deploy'] });
  await ask('POST', '/api/pharos/v1/dashboards', { dashboard, folder: 'Tests', overwrite: true });
});

after(async () => {
  await ask('DELETE', `/api/pharos/v1/dashboards/${dashboard.uid}`);
  if (annotation !== undefined) await ask('DELETE', `/api/pharos/v1/annotations/${annotation.id}`);
});

const use = suite();

/** Ten minutes of a native histogram by OTLP, with an exemplar each. */
function latency(traceId) {
  const now = Math.floor(Date.now() / 15_000) * 15_000;
  const start = String((now - 600_000) * 1_000_000);
  const dataPoints = Array.from({ length: 40 }, (_, at) => {
    const time = String((now - (39 - at) * 15_000) * 1_000_000);
    const bucketCounts = [8, 20, 34, 18, 6, 2].map((one) => String(one * (at + 1)));
    return {
      startTimeUnixNano: start, timeUnixNano: time, count: String(88 * (at + 1)), sum: 9 * (at + 1), scale: 0, zeroCount: '0', zeroThreshold: 0,
      positive: { offset: -6, bucketCounts },
      exemplars: [{ timeUnixNano: time, asDouble: 0.05 + (at % 5) * 0.03, traceId, spanId: '00f067aa0ba902b7' }],
    };
  });
  return {
    resourceMetrics: [{
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'e2e' } }] },
      scopeMetrics: [{ metrics: [{ name: 'e2e_latency', exponentialHistogram: { aggregationTemporality: 2, dataPoints } }] }],
    }],
  };
}

/** In the page: a panel shows something that is not loading, and goes on doing so for half a second. */
function settled(id) {
  const panel = document.querySelector(`[data-panel-id="${id}"]`);
  const ready = (panel?.lastElementChild?.childElementCount ?? 0) > 0 && panel.querySelector('[data-state=loading]') === null;
  if (panel === null) return false;
  panel.quiet = ready ? (panel.quiet ?? 0) + 1 : 0;
  return panel.quiet >= 10;
}

for (const [name, options] of [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['telephone', { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
]) {
  use(`every kind of panel is drawn: ${name}`, async (page) => {
    await page.goto(`${base}/dashboards/${dashboard.uid}?var-trace=${trace}`);
    const failed = [];
    for (const { id, type, title } of dashboard.panels) {
      const panel = page.locator(`[data-panel-id="${id}"]`);
      await panel.scrollIntoViewIfNeeded();
      await page.waitForFunction(settled, id, { polling: 50 });
      const bad = panel.locator('[data-state=error], [data-state=empty]');
      if ((await bad.count()) > 0 && type !== 'alertlist') failed.push(`${title}: ${(await bad.first().innerText()).replaceAll('\n', ' ')}`);
      if (process.env.PHAROS_SHOTS) await panel.screenshot({ path: `${artifacts}kinds-${name}-${String(id).padStart(2, '0')}-${type}.png` });
    }
    await page.screenshot({ path: `${artifacts}kinds-${name}.png`, fullPage: true });
    assert.deepEqual(failed, []);
    if (name === 'telephone') assert.ok(await page.evaluate(() => [...document.querySelectorAll('[data-panel-id]')].every((one) => one.offsetHeight < 1.2 * globalThis.innerHeight)), 'a panel is higher than the screen');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= globalThis.innerWidth), 'the page scrolls sideways');
    assert.deepEqual(await serious(page), []);
  }, options);
}
