// Each kind of chart in a real browser, on answers that are always the same
// (bench/synthetic.mjs): it draws, speaks, follows the keyboard, the legend and the pointer.
import assert from 'node:assert/strict';
import { routeSynthetic } from '../bench/synthetic.mjs';
import { artifacts, base, serious, suite } from './browser.mjs';

const wide = [{ id: 'joinByField', options: { byField: 'Time', mode: 'outer' } }];
const noTime = [...wide, { id: 'organize', options: { excludeByName: { Time: true } } }];
const one = (expr, legendFormat = '{{job}}{{unit}}{{code}}') => ({ expr, legendFormat, interval: '1m' });
const walks = (...names) => names.map((name, at) => one(`walk(${at + 1})`, name));

const kinds = [
  { type: 'timeseries', targets: [one('lines(3)')], says: /3 series\. Newest: service-000 \d/, options: { tooltip: { mode: 'multi' }, legend: { displayMode: 'list', calcs: ['max'] } } },
  { type: 'timeseries', targets: [one('lines(3)')], says: /3 series/, custom: { stacking: { mode: 'percent' }, drawStyle: 'bars', fillOpacity: 60 } },
  { type: 'heatmap', targets: [{ ...one('buckets(8)', '{{le}}'), format: 'heatmap' }], says: /8 buckets over time/ },
  { type: 'heatmap', targets: [one('lines(5)')], options: { calculate: true }, says: /values over time/ },
  { type: 'histogram', targets: [one('lines(2)')], says: /buckets$/ },
  { type: 'barchart', targets: [{ ...one('counts(4)'), format: 'table', instant: true }], options: { xField: 'code' }, says: /4 categories/ },
  { type: 'barchart', targets: [{ ...one('counts(4)'), format: 'table', instant: true }], options: { xField: 'code', orientation: 'horizontal' }, says: /4 categories/ },
  { type: 'piechart', targets: [one('counts(4)')], says: /4 slices/, svg: true },
  { type: 'state-timeline', targets: [one('states(3)')], says: /3 rows/ },
  { type: 'status-history', targets: [one('states(3)')], says: /3 rows/ },
  { type: 'candlestick', targets: walks('open', 'high', 'low', 'close', 'volume'), transformations: wide, says: /candles\. Newest close/ },
  { type: 'xychart', targets: walks('a', 'b'), transformations: noTime, says: /over a$/ },
  { type: 'trend', targets: walks('a', 'b'), transformations: [...noTime, { id: 'sortBy', options: { sort: [{ field: 'a' }] } }], options: { xField: 'a' }, says: /1 series/ },
];

const panels = kinds.map(({ type, targets, transformations, options = {}, custom = {} }, at) => ({
  id: at + 1,
  type,
  title: `Chart ${at + 1}`,
  gridPos: { x: (at % 3) * 8, y: Math.floor(at / 3) * 8, w: 8, h: 8 },
  targets: targets.map((target, index) => ({ refId: String.fromCharCode(65 + index), ...target })),
  transformations,
  options,
  fieldConfig: { defaults: { unit: 'ms', custom }, overrides: [] },
}));

const use = suite();

/** show is a test on the dashboard of all charts. */
function show(name, body, options) {
  use(name, async (page) => {
    await routeSynthetic(page, { charts: { title: 'Charts', timezone: 'utc', graphTooltip: 1, panels } });
    await page.goto(`${base}/dashboards/charts?from=now-30m`);
    await body(page);
  }, { viewport: { width: 1440, height: 1900 }, ...options });
}

const chart = (page, id) => page.locator(`[data-panel-id="${id}"] [role=img]`).first();

for (const colorScheme of ['light', 'dark']) {
  show(`every kind of chart draws and says what it shows, ${colorScheme}`, async (page) => {
    for (const [at, { type, says, svg }] of kinds.entries()) {
      const image = chart(page, at + 1);
      await image.waitFor();
      assert.match((await image.getAttribute('aria-label')) ?? '', says, `${type} (chart ${at + 1})`);
      if (svg) assert.ok((await image.locator('path').count()) > 1, type);
      else await page.waitForFunction(coloured, at + 1);
    }
    await page.screenshot({ path: `${artifacts}charts-${colorScheme}.png` });
    assert.deepEqual(await serious(page), []);
  }, { colorScheme });
}

/** Whether a chart's canvas holds anything besides grey text and grid lines. */
function coloured(id) {
  const canvas = document.querySelector(`[data-panel-id="${id}"] canvas`);
  if (canvas === null || canvas.width === 0) return false;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let strong = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 100 && Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) strong++;
  }
  return strong > 60;
}

show('a chart follows the keyboard, and its tooltip can be kept', async (page) => {
  const image = chart(page, 1);
  await image.waitFor();
  await image.focus();
  await page.keyboard.press('End');
  const tooltip = page.getByRole('status').filter({ hasText: 'service-000' });
  await tooltip.waitFor();
  const newest = await tooltip.innerText();
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((text) => ![...document.querySelectorAll('[role=status]')].some((one) => one.innerText === text), newest);
  await page.keyboard.press('Enter');
  const kept = page.getByRole('dialog', { name: 'Values at this point' });
  await kept.getByRole('button', { name: 'Copy the values' }).waitFor();
  await image.focus();
  await page.keyboard.press('Escape');
  await kept.waitFor({ state: 'detached' });
});

show('a click in the legend shows one series alone, a drag zooms, a double click goes back', async (page) => {
  const panel = page.locator('[data-panel-id="1"]');
  await chart(page, 1).waitFor();
  const first = panel.getByRole('button', { name: 'service-000' });
  const second = panel.getByRole('button', { name: 'service-001' });
  await first.click();
  await panel.locator('button[aria-pressed=false]', { hasText: 'service-001' }).waitFor();
  assert.equal(await first.getAttribute('aria-pressed'), 'true');
  await second.click({ modifiers: ['Control'] });
  await panel.locator('button[aria-pressed=true]', { hasText: 'service-001' }).waitFor();
  const before = page.url();
  const box = await panel.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=\d{13}/);
  await panel.locator('.u-over').dblclick({ position: { x: 60, y: 40 } });
  await page.waitForURL(before);
});
