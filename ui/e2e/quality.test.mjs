// Every page at two widths and in two themes: a screenshot, nothing serious for axe,
// nothing too wide, nothing that the content policy had to stop. The pictures are kept
// in test/artifacts/pages to be looked at.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { artifacts, base, serious, settled, suite } from './browser.mjs';
import { pages } from './pages.mjs';

const pictures = `${artifacts}pages/`;
mkdirSync(pictures, { recursive: true });

const use = suite({ timeout: 300_000 });

for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const colorScheme of ['light', 'dark']) {
    use(`pages at ${width} px in the ${colorScheme} theme`, async (page, { t }) => {
      const stopped = [];
      page.on('console', (message) => /Content Security Policy/.test(message.text()) && stopped.push(message.text()));
      for (const [name, path] of Object.entries(pages)) {
        await t.test(name, async () => {
          await page.goto(base + path);
          await settled(page);
          await page.screenshot({ path: `${pictures}${name}-${width}-${colorScheme}.png` });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
          assert.deepEqual(await serious(page, 'html'), [], `axe on ${path}`);
          assert.deepEqual(stopped, [], `the content policy on ${path}`);
        });
      }
    }, { viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
  }
}
