// Dashboards are made, changed, kept apart from what others do, and shown to others, in a real browser.
import assert from 'node:assert/strict';
import { base, open, suite } from './browser.mjs';

const api = `${base}/api/pharos/v1/dashboards`;
const headers = { origin: base };

const use = suite();

async function make(page, uid, title) {
  const panel = { id: 1, type: 'timeseries', title: 'Targets', gridPos: { x: 0, y: 0, w: 12, h: 8 }, datasource: { type: 'prometheus', uid: 'prometheus' }, targets: [{ refId: 'A', expr: 'sum by (job) (up)' }] };
  const answer = await page.request.post(api, { headers, data: { dashboard: { uid, title, panels: [panel], schemaVersion: 41 }, overwrite: true } });
  assert.ok(answer.ok(), await answer.text());
}

use('a dashboard is made from nothing by the builder, and kept', async (page) => {
  await page.goto(`${base}/dashboards/new`);
  await page.getByRole('button', { name: 'Add', exact: true }).last().click();
  await page.getByRole('menuitem', { name: 'Panel' }).click();
  await page.getByPlaceholder('a metric’s name').fill('up');
  await page.getByRole('region', { name: 'Preview' }).locator('canvas').first().waitFor();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('Made in a browser');
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL((url) => /\/dashboards\/(?!new)/.test(url.pathname));
  await page.locator('[data-dashboard][data-state="loaded"] canvas').first().waitFor();
  const uid = new URL(page.url()).pathname.split('/').at(-1);
  const saved = await (await page.request.get(`${api}/${uid}`)).json();
  assert.equal(saved.dashboard.panels[0].targets[0].expr, 'up');
  await page.request.delete(`${api}/${uid}`, { headers });
});

use('a panel moves by keyboard, comes back by undo, and leaving asks first', async (page) => {
  await make(page, 'e2e-editing', 'Editing');
  await page.goto(`${base}/dashboards/e2e-editing?editing=1`);
  const panel = page.locator('[data-grid-id="1"]');
  await panel.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: '• Editing' }).waitFor();
  await page.keyboard.press('Control+z');
  await page.getByRole('heading', { name: 'Editing', exact: true }).waitFor();
  await panel.focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByRole('link', { name: 'Alerts' }).first().click();
  await page.getByRole('button', { name: 'Stay' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('1 panel moved or resized').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const saved = await (await page.request.get(`${api}/e2e-editing`)).json();
  assert.equal(saved.dashboard.panels[0].gridPos.h, 9);
  await page.request.delete(`${api}/e2e-editing`, { headers });
});

use('what somebody else saved in between is not lost', async (page) => {
  await make(page, 'e2e-conflict', 'Conflict');
  await page.goto(`${base}/dashboards/e2e-conflict?settings=general`);
  await page.getByLabel('Title').fill('Mine');
  const now = await (await page.request.get(`${api}/e2e-conflict`)).json();
  const other = await page.request.put(`${api}/e2e-conflict`, { headers, data: { dashboard: { ...now.dashboard, title: 'Theirs' }, message: 'quicker', base_version: now.meta.version } });
  assert.ok(other.ok(), await other.text());
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Somebody saved this dashboard since you opened it').waitFor();
  await page.getByText('Title: Conflict → Theirs').waitFor();
  await page.getByRole('button', { name: 'Take theirs' }).click();
  await page.getByRole('heading', { name: 'Theirs' }).waitFor();
  await page.request.delete(`${api}/e2e-conflict`, { headers });
});

use('a deploy of a script marks the graphs of its dashboard', async (page) => {
  await make(page, 'e2e-deploy', 'Deploy');
  const note = await page.request.post(`${base}/api/annotations`, { headers, data: { dashboardUID: 'e2e-deploy', time: Date.now() - 60_000, text: 'Deployed 1.2.3', tags: ['deploy'] } });
  assert.ok(note.ok(), await note.text());
  await page.goto(`${base}/dashboards/e2e-deploy?from=now-15m`);
  await page.locator('[data-dashboard][data-state="loaded"] canvas').first().waitFor();
  await page.getByRole('button', { name: /Deployed 1\.2\.3/ }).or(page.locator('[title*="Deployed 1.2.3"], [aria-label*="Deployed 1.2.3"]')).first().waitFor();
  await page.request.delete(`${api}/e2e-deploy`, { headers });
});

use('a folder is deleted with what it holds only when that is said', async (page) => {
  const folders = `${base}/api/pharos/v1/folders`;
  await page.request.post(folders, { headers, data: { uid: 'e2e-folder', title: 'Bench' } });
  await page.request.post(folders, { headers, data: { uid: 'e2e-inner', title: 'Drawer', parent_uid: 'e2e-folder' } });
  const made = await page.request.post(api, { headers, data: { dashboard: { uid: 'e2e-inside', title: 'Inside', panels: [] }, folder_uid: 'e2e-inner', overwrite: true } });
  assert.ok(made.ok(), await made.text());
  await page.goto(`${base}/dashboards`);
  await page.getByRole('button', { name: 'Menu of the folder Bench', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It holds 1 dashboard and 1 folder').waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Delete', exact: true }).isDisabled());
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await page.request.get(`${api}/e2e-inside`)).status(), 404);
});

use('a public link shows the panels to people without an account', async (page, { browser }) => {
  await make(page, 'e2e-public', 'Public');
  await page.goto(`${base}/dashboards/e2e-public`);
  await page.locator('[data-dashboard] canvas').first().waitFor();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('tab', { name: 'Public link' }).click();
  await page.getByRole('button', { name: 'Make a public link' }).click();
  const address = await page.getByRole('textbox', { name: 'Public link' }).inputValue();
  const stranger = await open(browser);
  await stranger.page.goto(`${base}${new URL(address).pathname}`);
  await stranger.page.locator('[data-dashboard="public"][data-state="loaded"] canvas').first().waitFor();
  assert.equal(await stranger.page.getByText('The query failed').count(), 0);
  assert.deepEqual(stranger.errors, []);
  await stranger.context.close();
  await page.request.delete(`${api}/e2e-public`, { headers });
});
