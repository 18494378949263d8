// Explore, used in a real browser on live data.
import assert from 'node:assert/strict';
import { base, serious, suite } from './browser.mjs';

const use = suite();

const logs = `${base}/explore?tab=logs&from=now-15m&logql=${encodeURIComponent('{service_name=~".+"}')}`;

use('a field of the lines becomes a filter, a pill and a column', async (page) => {
  await page.goto(logs);
  const fields = page.getByRole('region', { name: 'Fields' });
  await fields.getByRole('button', { name: 'Column service_name', exact: true }).click();
  await page.getByRole('button', { name: 'service_name', exact: true }).first().waitFor();
  assert.match(page.url(), /cols=service_name/);
  await fields.getByRole('button', { name: /^text service_name / }).click();
  await fields.getByText('lines of the range have it').waitFor();
  await fields.getByRole('button', { name: 'Only lines where service_name is webapp' }).click();
  const pills = page.getByRole('list', { name: 'Filters' });
  await pills.getByText('service_name="webapp"').waitFor();
  await page.reload();
  await pills.getByText('service_name="webapp"').waitFor();
  await pills.getByRole('button', { name: 'Remove: service_name="webapp"' }).click();
  await pills.getByText('service_name=~".+"').waitFor();
});

use('words search without LogQL, and come back', async (page) => {
  await page.goto(`${logs}&mode=words`);
  await page.getByRole('textbox', { name: 'Words' }).fill('EVENT -nowhere');
  await page.getByRole('textbox', { name: 'Words' }).press('Enter');
  await page.getByRole('list', { name: 'Filters' }).getByText('nowhere').waitFor();
  await page.getByLabel('Log lines').getByText('Event').first().waitFor();
  await page.reload();
  await page.waitForFunction(() => document.querySelector('input[aria-label="Words"]')?.value === 'EVENT -nowhere');
});

use('patterns are found and can be kept', async (page) => {
  await page.goto(`${logs}&view=patterns`);
  const only = page.getByRole('button', { name: /^Only lines like/ }).first();
  await only.waitFor();
  await only.click();
  await page.getByRole('list', { name: 'Filters' }).getByText('|>').waitFor();
});

use('lines are exported as CSV', async (page) => {
  await page.goto(logs);
  await page.getByRole('button', { name: 'Export' }).click();
  const link = page.getByRole('link', { name: 'Download' });
  const path = await link.getAttribute('href');
  const answer = await page.request.get(`${base}${path}&limit=50`.replace(/limit=\d+&/, ''));
  assert.equal(answer.status(), 200);
  assert.match(answer.headers()['content-disposition'], /\.csv/);
  const text = await answer.text();
  assert.equal(text.split('\n')[0], 'time,labels,line');
  assert.match(text, /# incomplete after 50 rows/);
});

use('a metric is broken down and its query taken along without PromQL', async (page) => {
  await page.goto(`${base}/explore?from=now-15m`);
  await page.getByLabel('Search metrics').fill('webapp_items_total');
  await page.getByRole('button', { name: /webapp_items_total/ }).first().click();
  await page.getByRole('group', { name: 'Labels' }).getByRole('button', { name: /^operation/ }).click();
  await page.getByRole('button', { name: /^Only operation/ }).first().click();
  await page.getByRole('list', { name: 'Filters' }).getByText('operation=').waitFor();
  await page.getByRole('button', { name: 'Take the query' }).click();
  await page.getByText('complete').first().waitFor();
  assert.match(decodeURIComponent(page.url()), /expr=sum\+?[ +]?\(rate\(webapp_items_total\{operation=/);
  await page.getByRole('switch', { name: 'Explain' }).click();
  await page.getByText('The sum, over all of them, of the growth per second').waitFor();
});

use('the cost of metrics says who reads them', async (page) => {
  await page.goto(`${base}/explore?browse=cost`);
  await page.getByText('are in no query of the last 30 days').waitFor();
  await page.getByRole('switch', { name: 'Only what nobody reads' }).click();
  await page.getByRole('row').nth(1).getByText('–').waitFor();
});

use('two panes share their time, and the address brings both back', async (page) => {
  await page.goto(logs);
  await page.getByRole('button', { name: 'Split' }).click();
  const right = page.getByRole('region', { name: 'Right pane' });
  await right.getByRole('radiogroup', { name: 'Signal' }).getByText('Metrics').click();
  await right.getByLabel('Search metrics').waitFor();
  assert.match(page.url(), /r\.tab=metrics|split=1/);
  await page.getByRole('region', { name: 'Left pane' }).getByLabel('Log lines').waitFor();
  const address = page.url();
  await page.reload();
  await right.getByLabel('Search metrics').waitFor();
  assert.equal(page.url(), address);
  await right.getByRole('switch', { name: 'Same time' }).click();
  await right.getByRole('group', { name: 'Time range' }).waitFor();
  await right.getByRole('button', { name: 'Close the right pane' }).click();
  await right.waitFor({ state: 'detached' });
});

use('a line leads to the other signals at its time', async (page) => {
  await page.goto(logs);
  await page.getByLabel('Log lines').getByRole('button').first().click();
  await page.getByRole('button', { name: 'At this time' }).click();
  await page.getByRole('menuitem', { name: 'Metrics beside' }).click();
  await page.getByRole('region', { name: 'Right pane' }).getByLabel('PromQL query A').waitFor();
});

use('TraceQL finds traces and draws series, says where it is wrong, and is kept on the server', async (page) => {
  await page.goto(`${base}/explore?tab=traces&mode=traceql&from=now-15m`);
  const editor = page.getByRole('textbox', { name: 'TraceQL query' });
  const ask = async (query) => {
    await page.locator('.cm-content').waitFor();
    await editor.fill(query);
    await page.getByRole('button', { name: 'Run' }).click();
  };
  await ask('{ kind = server }');
  await page.getByRole('button', { name: /^Spans of / }).first().click();
  assert.deepEqual(await serious(page), []);
  await ask('{ foo = 1 }');
  await page.getByRole('alert').getByText('line 1, col 3').waitFor();
  await ask('{ } | rate() by (resource.service.name)');
  await page.getByRole('img', { name: /^Graph of/ }).waitFor();
  await page.getByRole('button', { name: 'History', exact: true }).click();
  await page.getByText('Saved', { exact: true }).click();
  const name = `Spans ${Date.now()}`;
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByText(name).first().waitFor();
  await page.goto(`${base}/explore`);
  await page.getByRole('button', { name: 'History', exact: true }).click();
  await page.getByText('Saved', { exact: true }).click();
  await page.getByRole('dialog').getByText(name).first().click();
  await page.waitForURL(/mode=traceql/);
  await page.getByRole('img', { name: /^Graph of/ }).waitFor();
});
