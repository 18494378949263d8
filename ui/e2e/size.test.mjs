// What a page loads before it is drawn stays within its budget (scripts/size.mjs), and
// the browser really loads no more than that of scripts and styles.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { base, suite } from './browser.mjs';

const use = suite();

test('every page of the build is within its budget', () => {
  const out = execFileSync(process.execPath, [new URL('../scripts/size.mjs', import.meta.url).pathname], { encoding: 'utf8' });
  assert.match(out, /OverviewPage/);
});

for (const [name, path] of [['the first page', '/'], ['the list of dashboards', '/dashboards']]) {
  use(`${name} transfers less than 300 kB before it is there`, async (page) => {
    await page.goto(base + path);
    await page.locator('h1').first().waitFor();
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').filter((one) => /\.(js|css)$/.test(new URL(one.name).pathname)).map((one) => ({ name: new URL(one.name).pathname, bytes: one.encodedBodySize })));
    const bytes = loaded.reduce((sum, one) => sum + one.bytes, 0);
    console.log(`${name}: ${(bytes / 1000).toFixed(0)} kB in ${loaded.length} files`);
    assert.ok(bytes > 50_000 && bytes < 300_000, `${bytes} bytes: ${JSON.stringify(loaded)}`);
  });
}
