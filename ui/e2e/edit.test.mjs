// The finer points of editing and sharing, in a real browser: variables, builders, merging, import, export, history.
import assert from 'node:assert/strict';
import { ask, base, open, suite } from './browser.mjs';

const api = `${base}/api/pharos/v1/dashboards`;
const headers = { origin: base };

const use = suite({ timeout: 180_000 });

async function make(page, uid, dashboard) {
  const answer = await page.request.post(api, { headers, data: { dashboard: { uid, schemaVersion: 41, panels: [], ...dashboard }, overwrite: true } });
  assert.ok(answer.ok(), await answer.text());
}

const graph = (id, expr, rest = {}) => ({ id, type: 'timeseries', title: `Graph ${id}`, gridPos: { x: (id - 1) * 12, y: 0, w: 12, h: 8 }, datasource: { type: 'prometheus', uid: 'prometheus' }, targets: [{ refId: 'A', expr }], ...rest });

use('variables say their order and uses, are renamed with them, and reordered by keyboard', async (page) => {
  const list = [
    { name: 'job', type: 'query', datasource: { type: 'prometheus', uid: 'prometheus' }, query: 'label_values(up, job)', refresh: 1 },
    { name: 'instance', type: 'query', datasource: { type: 'prometheus', uid: 'prometheus' }, query: 'label_values(up{job="$job"}, instance)', refresh: 1 },
    { name: 'on', type: 'switch', options: [{ value: 'yes' }, { value: 'no' }] },
  ];
  await make(page, 'e2e-variables', { title: 'Variables of $job', panels: [graph(1, 'up{job="$job"}')], templating: { list } });
  await page.goto(`${base}/dashboards/e2e-variables?settings=variables`);
  await page.getByText('Loaded in this order: $job, $on').waitFor();
  await page.getByText('after $job').waitFor();
  await page.getByRole('button', { name: '$job', exact: true }).click();
  await page.getByText('Used in (3)').waitFor();
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('service');
  await name.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename everywhere' }).click();
  await page.getByRole('button', { name: 'Variables', exact: true }).last().click();
  const first = page.getByRole('button', { name: '$service', exact: true });
  await first.focus();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('listitem').nth(0).getByRole('button', { name: '$instance', exact: true }).waitFor();
  await page.getByRole('button', { name: '$on', exact: true }).click();
  await page.getByLabel('Value when off').fill('never');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const { dashboard } = await ask('GET', '/api/pharos/v1/dashboards/e2e-variables');
  assert.deepEqual(dashboard.templating.list.map((one) => one.name), ['instance', 'service', 'on']);
  assert.equal(dashboard.templating.list[0].query.query ?? dashboard.templating.list[0].query, 'label_values(up{job="$service"}, instance)');
  assert.equal(dashboard.panels[0].targets[0].expr, 'up{job="$service"}');
  assert.equal(dashboard.title, 'Variables of $service');
  assert.equal(dashboard.templating.list[2].disabledValue, 'never');
  await page.request.delete(`${api}/e2e-variables`, { headers });
});

use('the builder divides one query by another, and a hint adds the rate', async (page) => {
  await make(page, 'e2e-builder', { title: 'Builder', panels: [graph(1, 'sum(webapp_items_total) / on (job) group_left (team) sum(up offset 1h)', { targets: [{ refId: 'A', expr: 'sum(webapp_items_total) / on (job) group_left (team) sum(up offset 1h)', editorMode: 'builder' }] })] });
  await page.goto(`${base}/dashboards/e2e-builder?edit=1`);
  const other = page.getByRole('listitem', { name: '/ another query' });
  await other.getByPlaceholder('a metric’s name').waitFor();
  assert.equal(await other.getByPlaceholder('a metric’s name').inputValue(), 'up');
  assert.equal(await other.getByLabel('Offset').inputValue(), '1h');
  await page.getByRole('button', { name: 'Add rate' }).click();
  await page.getByText('sum(rate(webapp_items_total[$__rate_interval])) / on (job) group_left (team) sum(up offset 1h)').first().waitFor();
  await page.request.delete(`${api}/e2e-builder`, { headers });
});

use('two people’s changes are merged, and what contradicts is chosen', async (page) => {
  await make(page, 'e2e-merge', { title: 'Merge', panels: [graph(1, 'up'), graph(2, 'up')] });
  await page.goto(`${base}/dashboards/e2e-merge?settings=general`);
  await page.getByLabel('Title').fill('Mine');
  const now = await ask('GET', '/api/pharos/v1/dashboards/e2e-merge');
  await ask('PUT', '/api/pharos/v1/dashboards/e2e-merge', { dashboard: { ...now.dashboard, title: 'Theirs', panels: now.dashboard.panels.map((one) => (one.id === 2 ? { ...one, title: 'Renamed by them' } : one)) }, message: '', base_version: now.meta.version });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await dialog.getByText('Both changed the same in one place').waitFor();
  await dialog.getByRole('button', { name: 'Take both into the editor' }).click();
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  const { dashboard } = await ask('GET', '/api/pharos/v1/dashboards/e2e-merge');
  assert.deepEqual([dashboard.title, dashboard.panels[1].title], ['Mine', 'Renamed by them']);
  await page.request.delete(`${api}/e2e-merge`, { headers });
});

use('an import shows the server’s check of each file, and the JSON editor the place of a mistake', async (page) => {
  await page.goto(`${base}/dashboards`);
  await page.getByRole('button', { name: 'Import' }).first().click();
  const file = (name, value) => ({ name, mimeType: 'application/json', buffer: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) });
  await page.locator('input[type="file"]').setInputFiles([
    file('good.json', { uid: 'e2e-import', title: 'Good one', panels: [{ id: 1, type: 'stat', title: 'Up', targets: [{ refId: 'A', expr: 'up' }] }] }),
    file('bad.json', { title: 'Bad one', panels: [{ id: 1, type: 'news', title: 'News' }, { id: 2, type: 'stat', title: 'Broken', datasource: { type: 'prometheus' }, targets: [{ refId: 'A', expr: 'sum(up' }] }] }),
    file('broken.json', '{"title": '),
  ]);
  const dialog = page.getByRole('dialog');
  await dialog.getByText('0 of 2 panels render').waitFor();
  await dialog.getByText('Broken: query A does not parse').waitFor();
  await dialog.getByText('Line 1, column').waitFor();
  await dialog.getByLabel('Import Bad one').uncheck();
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL(/e2e-import/);
  await page.goto(`${base}/dashboards/e2e-import?settings=json`);
  const editor = page.getByRole('textbox', { name: 'The dashboard as JSON' });
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('{\n  "title": "x",\n  "panels": [\n    {"id": "one"}\n  ]\n}');
  await page.getByRole('button', { name: 'Line 4, column 12' }).waitFor();
  await page.request.delete(`${api}/e2e-import`, { headers });
});

use('a dashboard is exported as schema v2', async (page) => {
  await make(page, 'e2e-export', { title: 'Export', panels: [graph(1, 'up')] });
  await page.goto(`${base}/dashboards/e2e-export`);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('tab', { name: 'Export' }).click();
  await page.getByText('Schema v2', { exact: true }).click();
  const text = await page.waitForFunction(() => [...document.querySelectorAll('textarea')].map((one) => one.value).find((one) => one.includes('"kind": "GridLayout"')));
  assert.equal(JSON.parse(await text.jsonValue()).apiVersion, 'dashboard.grafana.app/v2beta1');
  await page.request.delete(`${api}/e2e-export`, { headers });
});

use('the history of Explore moves to the server and can be cleared', async (page) => {
  await ask('DELETE', '/api/pharos/v1/query-history');
  await page.goto(`${base}/explore`);
  await page.evaluate(() => globalThis.localStorage.setItem('pharos.explore.history', JSON.stringify([{ kind: 'metrics', text: 'kept_by_the_browser', at: 1, runs: 2, starred: true, search: { expr: 'kept_by_the_browser' } }])));
  await page.goto(`${base}/explore?tab=metrics&expr=up`);
  await page.getByRole('button', { name: /History/ }).first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('kept_by_the_browser').waitFor();
  await drawer.getByText('Kept on the server').waitFor();
  const { queries } = await ask('GET', '/api/pharos/v1/query-history');
  assert.ok(queries.some((one) => one.text === 'kept_by_the_browser' && one.starred));
  assert.equal(await page.evaluate(() => JSON.parse(globalThis.localStorage.getItem('pharos.explore.history') ?? '[]').length), 0);
  await drawer.getByRole('button', { name: 'Clear the history' }).click();
  const forgotten = page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().includes('/query-history'));
  await drawer.getByRole('button', { name: 'Forget those too' }).click();
  await forgotten;
  await drawer.getByText('No queries yet').waitFor();
  assert.deepEqual((await ask('GET', '/api/pharos/v1/query-history')).queries, []);
});

use('a public link has the dashboard’s annotations and its searches of logs', async (page, { browser }) => {
  const elastic = { id: 2, type: 'table', title: 'Documents', gridPos: { x: 12, y: 0, w: 12, h: 8 }, datasource: { type: 'elasticsearch', uid: 'elasticsearch' }, targets: [{ refId: 'A', query: '*', metrics: [{ id: '1', type: 'raw_data', settings: { size: '5' } }], bucketAggs: [], timeField: '@timestamp' }] };
  await make(page, 'e2e-open', { title: 'Open', panels: [graph(1, 'up'), elastic], annotations: { list: [{ name: 'Deploys', enable: true, iconColor: 'blue', datasource: { type: 'grafana', uid: '-- Grafana --' }, target: { type: 'tags', tags: ['e2e-open'] } }] } });
  await ask('POST', '/api/pharos/v1/annotations', { time_ms: Date.now() - 60_000, text: 'Deployed 7.7.7', tags: ['e2e-open'] });
  await page.goto(`${base}/dashboards/e2e-open?from=now-15m`);
  await page.locator('[data-dashboard][data-state="loaded"] canvas').first().waitFor();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('tab', { name: 'Public link' }).click();
  await page.getByRole('button', { name: 'Make a public link' }).click();
  const address = await page.getByRole('textbox', { name: 'Public link' }).inputValue();
  const stranger = await open(browser);
  const refused = [];
  stranger.page.on('response', (answer) => answer.status() >= 400 && refused.push(`${answer.status()} ${answer.url()}`));
  await stranger.page.goto(`${base}${new URL(address).pathname}?from=now-15m`);
  await stranger.page.locator('[data-dashboard="public"][data-state="loaded"] canvas').first().waitFor();
  await stranger.page.getByRole('button', { name: /Deployed 7\.7\.7/ }).or(stranger.page.locator('[title*="Deployed 7.7.7"], [aria-label*="Deployed 7.7.7"]')).first().waitFor();
  await stranger.page.getByRole('region', { name: 'Documents' }).getByRole('row').nth(1).waitFor();
  // Alerts that name the dashboard are not part of a link: their rules are asked for in vain.
  assert.deepEqual(refused.filter((one) => one.includes('/q/') && !one.endsWith('/rules')), []);
  await stranger.context.close();
  await page.request.delete(`${api}/e2e-open`, { headers });
});
