// What panels ask and what they get: every kind of data source, variables, ad hoc
// filters, annotations and links of one dashboard, on the demonstration's data.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { artifacts, ask, base, launch, open, signIn } from './browser.mjs';

let browser, page, errors;

before(async () => {
  browser = await launch();
  ({ page, errors } = await open(browser));
  await signIn(page);
  page.setDefaultTimeout(60_000);
  const dashboard = JSON.parse(readFileSync(new URL('./testdata/panel-data.json', import.meta.url), 'utf8'));
  await ask('POST', '/api/pharos/v1/dashboards', { dashboard, folder: '', overwrite: true });
  await page.goto(`${base}/dashboards/e2e-panel-data`);
});

after(() => browser?.close());

const panel = (id) => page.locator(`[data-panel-id="${id}"]`);
const shows = async (id, text) => {
  await panel(id).scrollIntoViewIfNeeded();
  await panel(id).getByText(text).first().waitFor();
};

test('each data source answers in its panel, or says why not', async () => {
  await shows(1, 'Up of All');
  await shows(2, '42');
  await shows(3, '42');
  await shows(4, /random|has no data in Pharos/i);
  await shows(5, 'webapp');
  await shows(6, /info/i);
  await shows(7, /\d\d:\d\d:\d\d/);
  await shows(8, /webapp: /);
  await shows(10, 'job');
  await panel(10).getByRole('note', { name: /spatial.*not supported/ }).waitFor();
  await shows(11, 'Last 5m, shifted by 1m');
  await shows(13, 'The data source gone (influxdb) is not supported');
  await page.screenshot({ path: `${artifacts}panel-data.png`, fullPage: true });
});

test('a circle of variables is named, and the rest goes on', async () => {
  await page.getByText('Variable one: refers to itself: one → two → one', { exact: false }).waitFor();
});

test('an ad hoc filter narrows the queries of its data source and stays in the address', async () => {
  await page.getByRole('button', { name: 'Add a filter to Filters' }).click();
  const form = page.getByRole('dialog', { name: 'Add a filter to Filters' });
  await form.getByRole('combobox', { name: 'Key' }).fill('job');
  await form.getByRole('combobox', { name: 'Value' }).fill('pharos');
  const narrowed = page.waitForRequest((request) => (request.postData() ?? '').includes(encodeURIComponent('job="pharos"')));
  await page.keyboard.press('Enter');
  await page.waitForURL(/var-Filters=job%7C%3D%7Cpharos/);
  await panel(1).scrollIntoViewIfNeeded();
  await narrowed;
  await page.getByRole('button', { name: 'Remove the filter on job' }).click();
  await page.waitForURL((url) => !url.search.includes('pharos'));
});

test('annotations are switched in the bar', async () => {
  const toggle = page.getByRole('checkbox', { name: 'Up' });
  await toggle.check();
  await page.waitForURL(/ann-Up=1/);
  await toggle.uncheck();
  await page.waitForURL((url) => !url.search.includes('ann-Up'));
});

test('links keep time and variables, and hostile ones are not there', async () => {
  const links = page.getByRole('navigation', { name: 'Related dashboards' });
  assert.match(await links.getByRole('link', { name: 'Alerts' }).getAttribute('href'), /^\/alerts\?job=.*from=now-15m&to=now/);
  assert.equal(await links.getByText('Hostile').count(), 0);
  assert.deepEqual(errors, []);
});
