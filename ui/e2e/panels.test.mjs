// Panels of dashboards, used in a real browser on live data: a dashboard of this
// test's own is imported, looked at, and removed again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { artifacts, ask, base, serious, suite } from './browser.mjs';

const uid = 'e2e-panels';
const prometheus = { type: 'prometheus' };
const panel = (id, type, title, gridPos, expr, rest = {}) => ({
  id,
  type,
  title,
  gridPos,
  ...(expr === undefined ? {} : { targets: [{ refId: 'A', expr, datasource: prometheus, format: 'table', instant: true }] }),
  ...rest,
});

const dashboard = {
  uid,
  title: 'Panels in a browser',
  schemaVersion: 41,
  panels: [
    panel(1, 'stat', 'Targets up', { x: 0, y: 0, w: 6, h: 5 }, 'sum(up)', { description: 'How many **targets** answer' }),
    panel(2, 'gauge', 'Share up', { x: 6, y: 0, w: 6, h: 5 }, '100 * avg(up)', { fieldConfig: { defaults: { min: 0, max: 100, unit: 'percent' }, overrides: [] } }),
    panel(3, 'bargauge', 'By job', { x: 12, y: 0, w: 12, h: 5 }, 'sum by (job) (up)', { options: { orientation: 'horizontal', reduceOptions: { values: true, calcs: [] } } }),
    panel(4, 'table', 'All targets', { x: 0, y: 5, w: 12, h: 9 }, 'up', { fieldConfig: { defaults: { custom: { filterable: true } }, overrides: [] } }),
    panel(5, 'text', 'Hostile text', { x: 12, y: 5, w: 6, h: 5 }, undefined, { options: { mode: 'html', content: '<h2>Hello</h2><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"><a href="javascript:window.hacked = 1">click</a>' } }),
    panel(6, 'geomap', 'Map', { x: 18, y: 5, w: 6, h: 5 }, 'up'),
    panel(7, 'nodeGraph', 'Edges', { x: 12, y: 10, w: 12, h: 7 }, 'label_replace(label_replace(sum by (job) (up), "source", "$1", "job", "(.*)"), "target", "pharos", "", "")'),
  ],
};

before(() => ask('POST', '/api/pharos/v1/dashboards', { dashboard, folder: 'Tests', overwrite: true }));
after(() => ask('DELETE', `/api/pharos/v1/dashboards/${uid}`));

const test = suite();
const use = (name, body) =>
  test(name, async (page) => {
    await page.goto(`${base}/dashboards/${uid}`);
    await body(page);
  });

const region = (page, title) => page.locator('section[data-panel-id]').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

use('a table sorts, filters, and hands its data over', async (page) => {
  const table = region(page, 'All targets');
  await table.getByRole('button', { name: 'job', exact: true }).click();
  await table.locator('[role=columnheader][aria-sort=ascending]').waitFor();
  await table.getByRole('button', { name: 'Filter job' }).click();
  await page.getByLabel('Search values of job').fill('pharos');
  await page.getByRole('checkbox', { name: /^pharos/ }).first().check();
  await page.getByRole('button', { name: 'Apply' }).click();
  await table.locator('[role=table][aria-rowcount="2"]').waitFor();
  await page.getByRole('button', { name: 'Menu of All targets' }).click();
  await page.getByRole('menuitem', { name: 'Show the data' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const kept = `${artifacts}all-targets.csv`;
  await (await download).saveAs(kept);
  const file = readFileSync(kept, 'utf8');
  assert.match(file, /job/);
  assert.ok(file.split('\r\n').length > 5, `too few rows: ${file}`);
});

use('a hostile text runs nothing, a refused panel says what to use instead', async (page) => {
  await region(page, 'Hostile text').getByRole('heading', { name: 'Hello' }).waitFor();
  assert.equal(await page.evaluate(() => document.defaultView.hacked), undefined);
  const map = region(page, 'Map');
  await map.getByText('Panel type “geomap”').waitFor();
  await map.getByRole('button', { name: 'Show the data as a table' }).click();
  await map.getByRole('columnheader', { name: 'instance' }).waitFor();
});

use('numbers, dials, bars and graphs are drawn, and axe finds nothing serious', async (page) => {
  await region(page, 'Share up').getByRole('img', { name: /%/ }).waitFor();
  await region(page, 'By job').getByRole('img').first().waitFor();
  await region(page, 'Edges').scrollIntoViewIfNeeded();
  await region(page, 'Edges').getByText('pharos').first().waitFor();
  await region(page, 'Targets up').scrollIntoViewIfNeeded();
  assert.deepEqual(await serious(page), []);
});
