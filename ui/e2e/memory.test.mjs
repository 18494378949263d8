// A dashboard of every kind of panel keeps its memory over refreshes: what one
// refresh leaves behind for good would be there thirty times.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ask, base, suite } from './browser.mjs';

const dashboard = { ...JSON.parse(readFileSync(new URL('./testdata/all-kinds.json', import.meta.url), 'utf8')), uid: 'e2e-memory', title: 'Memory' };
const refreshes = 30;
// Chromium's own counters waver by about a megabyte; a kept copy of this dashboard's answers is larger.
const most = { mib: 3, nodes: 500, canvases: 4 };

const use = suite({ timeout: 280_000, patience: 60_000 });

/** MiB of reachable heap, all nodes that are held, and canvases that are held but not in the page. */
async function measure(page, cdp) {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name) => metrics.find((one) => one.name === name).value;
  const { result: prototype } = await cdp.send('Runtime.evaluate', { expression: 'HTMLCanvasElement.prototype' });
  const { objects } = await cdp.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result: canvases } = await cdp.send('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration: 'function () { return this.length - document.querySelectorAll("canvas").length; }', returnByValue: true });
  await cdp.send('Runtime.releaseObject', { objectId: objects.objectId });
  return { mib: value('JSHeapUsedSize') / 1024 / 1024, nodes: value('Nodes'), canvases: canvases.value };
}

async function refresh(page, times) {
  for (let i = 0; i < times; i++) {
    const asked = page.waitForRequest((request) => request.url().includes('query_range'));
    await page.getByRole('button', { name: 'Refresh now' }).click();
    await asked;
    await page.locator('[data-dashboard][data-state=loaded]').waitFor();
  }
}

use(
  'thirty refreshes leave nothing behind',
  async (page) => {
    await ask('POST', '/api/pharos/v1/dashboards', { dashboard, folder: '', overwrite: true });
    try {
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Performance.enable');
      await page.goto(`${base}/dashboards/${dashboard.uid}?from=now-5m&to=now`);
      await page.locator('[data-dashboard][data-state=loaded]').waitFor();
      await refresh(page, 5);
      const start = await measure(page, cdp);
      await refresh(page, refreshes);
      // Answers to old ranges are kept for 20 seconds: what stays longer is a leak.
      let end;
      for (const patience = Date.now() + 60_000; Date.now() < patience; ) {
        end = await measure(page, cdp);
        if (end.mib - start.mib <= most.mib && end.nodes - start.nodes <= most.nodes && end.canvases - start.canvases <= most.canvases) break;
        await page.waitForTimeout(2_000);
      }
      console.log(`heap ${start.mib.toFixed(1)} -> ${end.mib.toFixed(1)} MiB, nodes ${start.nodes} -> ${end.nodes}, canvases out of the page ${start.canvases} -> ${end.canvases}, after ${refreshes} refreshes`);
      assert.ok(end.mib - start.mib <= most.mib, `the heap grew from ${start.mib.toFixed(1)} to ${end.mib.toFixed(1)} MiB`);
      assert.ok(end.nodes - start.nodes <= most.nodes, `nodes grew from ${start.nodes} to ${end.nodes}`);
      assert.ok(end.canvases - start.canvases <= most.canvases, `canvases that are not in the page grew from ${start.canvases} to ${end.canvases}`);
    } finally {
      await ask('DELETE', `/api/pharos/v1/dashboards/${dashboard.uid}`);
    }
  },
  { viewport: { width: 1440, height: 3100 } },
);
