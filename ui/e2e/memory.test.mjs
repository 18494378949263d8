// A dashboard of every kind of panel keeps its memory over refreshes: what one
// refresh leaves behind for good would be there sixty times.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { base, launch, open, signIn } from './browser.mjs';

const dashboard = { ...JSON.parse(readFileSync(new URL('./testdata/all-kinds.json', import.meta.url), 'utf8')), uid: 'e2e-memory', title: 'Memory' };
const refreshes = 60;
// Chromium's own counters waver by about a megabyte; a kept copy of this dashboard's answers is larger.
const most = { mib: 3, nodes: 400, canvases: 0 };

let browser, context, page, errors, cdp;

before(async () => {
  browser = await launch();
  ({ context, page, errors } = await open(browser, { viewport: { width: 1440, height: 3100 } }));
  await signIn(page);
  page.setDefaultTimeout(60_000);
  const answer = await page.request.post(`${base}/api/pharos/v1/dashboards`, { data: { dashboard, folder: '', overwrite: true }, headers: { Origin: base } });
  assert.ok(answer.ok(), await answer.text());
  cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
});

after(async () => {
  await page?.request.delete(`${base}/api/pharos/v1/dashboards/${dashboard.uid}`, { headers: { Origin: base } });
  await browser?.close();
});

/** MiB of reachable heap, nodes of the page and those that only code still holds, and canvases of both kinds. */
async function measure() {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name) => metrics.find((one) => one.name === name).value;
  const { result: prototype } = await cdp.send('Runtime.evaluate', { expression: 'HTMLCanvasElement.prototype' });
  const { objects } = await cdp.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result: canvases } = await cdp.send('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration: 'function () { return this.length - document.querySelectorAll("canvas").length; }', returnByValue: true });
  await cdp.send('Runtime.releaseObject', { objectId: objects.objectId });
  return { mib: value('JSHeapUsedSize') / 1024 / 1024, nodes: value('Nodes'), canvases: canvases.value };
}

async function refresh(times) {
  for (let i = 0; i < times; i++) {
    const asked = page.waitForRequest((request) => /query_range/.test(request.url()));
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await asked;
    await page.locator('[data-dashboard][data-state=loaded]').waitFor();
  }
}

test('sixty refreshes leave nothing behind', { timeout: 280_000 }, async () => {
  await page.goto(`${base}/dashboards/${dashboard.uid}?from=now-5m&to=now`);
  await page.locator('[data-dashboard][data-state=loaded]').waitFor();
  await refresh(10);
  const start = await measure();
  await refresh(refreshes);
  // Answers to old ranges are kept for 20 seconds: what stays longer is a leak.
  let end;
  const patience = Date.now() + 60_000;
  do {
    await page.waitForTimeout(1_000);
    end = await measure();
  } while ((end.mib - start.mib > most.mib || end.nodes - start.nodes > most.nodes || end.canvases > most.canvases) && Date.now() < patience);
  console.log(`heap ${start.mib.toFixed(1)} -> ${end.mib.toFixed(1)} MiB, nodes ${start.nodes} -> ${end.nodes}, canvases out of the page ${end.canvases}, after ${refreshes} refreshes`);
  assert.ok(end.mib - start.mib <= most.mib, `the heap grew from ${start.mib.toFixed(1)} to ${end.mib.toFixed(1)} MiB`);
  assert.ok(end.nodes - start.nodes <= most.nodes, `nodes grew from ${start.nodes} to ${end.nodes}`);
  assert.ok(end.canvases <= most.canvases, `${end.canvases} canvases are held that are not in the page`);
  assert.deepEqual(errors, []);
});
