// Every page of the application, used in a real browser on live data.
import assert from 'node:assert/strict';
import { base, settled, signIn, suite } from './browser.mjs';

const use = suite();

use('overview shows rates, services and links', async (page) => {
  await page.goto(`${base}/overview`);
  for (const unit of ['samples/s', 'lines/s', 'spans/s']) await page.getByText(unit).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'storage-router' });
  await row.getByText('Healthy').waitFor();
});

use('a PromQL query becomes a graph, and the address brings it back', async (page) => {
  await page.goto(`${base}/explore?tab=metrics&expr=${encodeURIComponent('sum by (job) (up)')}&from=now-5m`);
  await page.getByText('complete').first().waitFor();
  await page.locator('canvas').first().waitFor();
  const address = page.url();
  await page.reload();
  await page.getByText('sum by (job) (up)').first().waitFor();
  assert.equal(page.url(), address);
});

use('a LogQL query shows lines that open to fields and lead to their trace', async (page) => {
  await page.goto(`${base}/explore?tab=logs&logql=${encodeURIComponent('{service="processing-pipeline"} |= "trace_id"')}`);
  const lines = page.getByLabel('Log lines');
  await lines.getByText('Event stored').first().click();
  await page.getByText('service_name').first().waitFor();
  await page.getByRole('link', { name: /trace/i }).first().click();
  await page.getByRole('tree', { name: 'Spans' }).waitFor();
  await page.getByRole('treeitem').first().click();
  await page.getByLabel('Span', { exact: true }).waitFor();
});

use('a search for traces finds them', async (page) => {
  await page.goto(`${base}/explore?tab=traces&service=storage-router`);
  await page.getByRole('img', { name: 'Duration of traces over time' }).waitFor();
});

use('live tail follows, pauses and keeps what it has', async (page) => {
  await page.goto(`${base}/tail?query=${encodeURIComponent('{service=~".+"}')}`);
  const rows = page.getByLabel('Live log lines');
  await rows.getByText('Event stored').first().waitFor();
  await page.getByRole('button', { name: /Pause/ }).click();
  const frozen = await rows.innerText();
  await page.waitForTimeout(1500);
  assert.equal(await rows.innerText(), frozen);
});

for (const uid of ['overview', 'collection', 'processing', 'storage', 'infrastructure']) {
  use(`dashboard ${uid} draws every panel`, async (page) => {
    await page.goto(`${base}/dashboards/${uid}?from=now-5m`);
    await page.locator('canvas').first().waitFor();
    await settled(page);
    assert.equal(await page.getByText('The query failed').count(), 0);
    assert.equal(await page.getByText(/not supported/i).count(), 0);
  });
}

use('targets are up', async (page) => {
  await page.goto(`${base}/targets`);
  await page.getByText('shipping-collector').first().waitFor();
});

use('an incident fires an alert, which a silence quietens', async (page) => {
  // The schedule may have begun the same incident by itself: then it is on already.
  await page.goto(`${base}/simulator`);
  const incident = page.getByText('Error burst').locator('xpath=ancestor::*[.//button][1]');
  await incident.getByRole('button').waitFor();
  const start = incident.getByRole('button', { name: 'Start' });
  if (await start.isVisible()) await start.click();
  await incident.getByRole('button', { name: 'Stop' }).waitFor();
  await page.goto(`${base}/alerts`);
  await page.getByText('WebappErrors').first().waitFor({ timeout: 90_000 });
  const alerts = await (await page.request.get(`${base}/api/v2/alerts`)).json();
  assert.ok(alerts.some((alert) => alert.labels.alertname === 'WebappErrors'));
  await page.getByRole('button', { name: 'Silence', exact: true }).first().click();
  await page.getByLabel('Reason').fill('browser test');
  await page.getByRole('dialog').getByRole('button', { name: 'Silence', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const silences = await (await page.request.get(`${base}/api/v2/silences`)).json();
  assert.ok(silences.some((silence) => silence.comment === 'browser test' && silence.status.state === 'active'));
  await page.request.delete(`${base}/api/pharos/v1/simulator/incidents/error-burst`, { headers: { origin: base } });
});

use('rules of redaction are tried on lines, and become YAML', async (page) => {
  await page.goto(`${base}/settings?tab=redaction`);
  const stored = page.getByLabel('Lines as they would be stored');
  await stored.getByText('user [redacted:email] paid with [redacted:card]').waitFor();
  const lines = page.getByLabel('Lines to try it on');
  await lines.fill('customer=17 a@example.com');
  await page.getByRole('button', { name: 'Add expression' }).click();
  await page.getByLabel('Expression 1', { exact: true }).fill('customer=(\\d+');
  await page.getByText('missing closing )').first().waitFor();
  await page.getByLabel('Expression 1', { exact: true }).fill('customer=(\\d+)');
  await stored.getByText('customer=[redacted:custom1] [redacted:email]').waitFor();
  await page.getByText('Hashed', { exact: true }).click();
  await stored.getByText(/customer=\[custom1:[0-9a-f]{12}\] \[email:[0-9a-f]{12}\]/).waitFor();
  await page.getByLabel('Configuration for these rules').getByText("expression: 'customer=(\\d+)'").waitFor();
});

use('a pipeline is tried step by step, and its errors are marked', async (page) => {
  await page.goto(`${base}/settings?tab=pipelines`);
  const editor = page.getByLabel('Logstash configuration');
  await editor.click();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('2 through · 1 with a failure tag · 1 dropped').waitFor();
  await page.getByRole('button', { name: /ERROR payment took 2041ms/ }).click();
  await page.getByRole('list', { name: 'Steps of the line' }).getByText('took_ms').first().waitFor();
  await page.getByLabel('Event').getByText('"took_ms": 2041').waitFor();
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('filter { mutat { } }');
  await page.keyboard.press('Control+Enter');
  await page.getByText('did you mean "mutate"?').first().waitFor();
  await page.locator('.cm-lintRange-error').waitFor();
});

use('the keyboard reaches the pages', async (page) => {
  await page.goto(`${base}/overview`);
  await page.getByText('samples/s').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForURL(/\/alerts/);
});

use('a wrong password is refused, and signing out asks for credentials again', async (page) => {
  await page.goto(`${base}/explore?tab=logs`);
  await page.getByLabel('User name').fill('admin');
  await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('status').first().waitFor();
  await signIn(page);
  await page.getByText('samples/s').waitFor();
  await page.getByRole('button', { name: /Sign out/ }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  assert.equal((await page.request.get(`${base}/api/v1/query?query=up`)).status(), 401);
}, { storageState: undefined });
