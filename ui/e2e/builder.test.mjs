// People who know neither TraceQL nor Lucene ask for spans and documents, in a real browser.
import assert from 'node:assert/strict';
import { base, suite } from './browser.mjs';

const api = `${base}/api/pharos/v1/dashboards`;
const headers = { origin: base };

const use = suite();

use('TraceQL is built from conditions, related spans and a metric, and read back', async (page) => {
  await page.goto(`${base}/explore?tab=traces&mode=builder&from=now-15m`);
  await page.getByRole('combobox', { name: 'Field', exact: true }).fill('duration');
  await page.getByRole('combobox', { name: 'Value of duration', exact: true }).fill('0ms');
  await page.getByText('{ duration = 0ms }', { exact: true }).waitFor();
  await page.getByRole('combobox', { name: 'Comparison', exact: true }).click();
  await page.getByRole('option', { name: '>', exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Stage', exact: true }).click();
  await page.getByRole('menuitem', { name: 'rate', exact: true }).click();
  await page.getByText('{ duration > 0ms } | rate()', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Related spans', exact: true }).click();
  await page.getByText('{ duration > 0ms } >> { } | rate()', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('heading', { name: 'Series' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('traceql'), '{ duration > 0ms } >> { } | rate()');

  await page.goto(`${base}/explore?tab=traces&mode=builder&traceql=${encodeURIComponent('100 * ({ } | rate())')}`);
  await page.getByText('Calculating with metrics is only for the code editor').waitFor();
});

use('an Elasticsearch query says by name what is not answered, and the rest is drawn', async (page) => {
  const datasource = { type: 'elasticsearch', uid: 'elasticsearch' };
  const target = { refId: 'A', datasource, query: '', timeField: '@timestamp', metrics: [{ id: '1', type: 'rate', field: 'took' }], bucketAggs: [{ id: '2', type: 'date_histogram', field: '@timestamp', settings: { interval: 'auto' } }] };
  const panels = [{ id: 1, type: 'timeseries', title: 'Lines', gridPos: { x: 0, y: 0, w: 12, h: 8 }, datasource, targets: [target] }];
  const made = await page.request.post(api, { headers, data: { dashboard: { uid: 'e2e-builder', title: 'Builder', panels, schemaVersion: 41, time: { from: 'now-15m', to: 'now' } }, overwrite: true } });
  assert.ok(made.ok(), await made.text());
  await page.goto(`${base}/dashboards/e2e-builder?edit=1`);
  const metric = page.getByRole('group', { name: 'Metric 1' });
  await metric.getByText('Rate is not answered here').waitFor();
  await metric.getByRole('combobox', { name: 'Metric', exact: true }).click();
  await page.getByRole('option', { name: 'Count', exact: true }).click();
  await page.getByRole('region', { name: 'Preview' }).locator('canvas').first().waitFor();
  await page.getByRole('button', { name: 'Group by', exact: true }).click();
  await page.getByRole('group', { name: 'Group 1' }).getByRole('combobox', { name: 'Field', exact: true }).fill('level');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const saved = await (await page.request.get(`${api}/e2e-builder`)).json();
  const [kept] = saved.dashboard.panels[0].targets;
  assert.deepEqual(kept.metrics, [{ id: '1', type: 'count' }]);
  assert.deepEqual(kept.bucketAggs.map(({ type, field }) => `${type} ${field}`), ['terms level', 'date_histogram @timestamp']);
  await page.request.delete(`${api}/e2e-builder`, { headers });
});
