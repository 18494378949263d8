// Getting data in: the snippet of the page, run as it is, turns the page green.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { base, suite } from './browser.mjs';

const use = suite();

use('the snippet for curl turns the page green, and a wrong one says why', async (page) => {
  await page.goto(`${base}/connect?source=curl`);
  await page.getByRole('button', { name: /Make a token/ }).click();
  const snippet = page.getByRole('figure').locator('pre');
  await page.waitForFunction(() => !document.querySelector('figure pre')?.textContent.includes('YOUR_TOKEN'));
  const card = page.getByRole('status').filter({ hasText: /curl|sends|come in/ });
  await card.getByText('Waiting for curl').waitFor();
  const shell = await snippet.innerText();
  const broken = shell.replace('/api/pharos/v1/lines?app=hello', '/loki/api/v1/push');
  await promisify(execFile)('bash', ['-c', broken]).catch(() => {});
  await card.getByText('It sends, but was refused').waitFor();
  await promisify(execFile)('bash', ['-c', shell]);
  const sent = Date.now();
  await card.getByText('Data come in').waitFor();
  const took = Date.now() - sent;
  console.log(`green ${took} ms after the first data`);
  assert.ok(took < 5_000, `it took ${took} ms`);
  await page.getByRole('link', { name: 'Look at the logs' }).click();
  await page.waitForURL(/explore/);
});

use('the palette opens by key, finds a dashboard and goes there', async (page) => {
  await page.goto(`${base}/overview`);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder(/Go to, search/).waitFor();
  await page.keyboard.type('storage');
  await page.getByRole('button', { name: /^Storage/ }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/dashboards\/|explore/);
});
