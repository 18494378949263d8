// The embedded tail in a real browser: a token narrowed to one service, on live data.
/* global fetch */
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { before } from 'node:test';
import { ask, authorization, base, suite } from './browser.mjs';

let secret;

/** push sends lines of one service as a program does. */
async function push(service, ...lines) {
  const now = BigInt(Date.now()) * 1_000_000n;
  const values = lines.map((line, i) => [String(now + BigInt(i)), line]);
  const response = await fetch(`${base}/loki/api/v1/push`, {
    method: 'POST', headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ streams: [{ stream: { service_name: service, level: 'error' }, values }] }),
  });
  assert.equal(response.status, 204);
}

before(async () => {
  ({ secret } = await ask('POST', '/api/pharos/v1/tokens', { name: `embed-${Date.now()}`, read: true, selector: '{service_name="embedded"}' }));
});

const test = suite();
/** These pages are for people who are not signed in. */
const use = (name, body, options) => test(name, body, { storageState: undefined, ...options });

for (const address of ['?token=', '#token=']) {
  use(`the embedded tail shows what ${address} may see, as text`, async (page) => {
    await page.goto(`${base}/embed/tail${address}${secret}`);
    await page.getByText('Live', { exact: true }).waitFor();
    assert.ok(!page.url().includes(secret), 'the token stays in the address');
    const id = Math.random().toString(36).slice(2);
    await push('another', `other ${id}`);
    await push('embedded', `<img src=x onerror="document.title='broken'"> ${id}`, `\u001b[31mred\u001b[0m ${id}`);
    await page.locator('.row', { hasText: `<img src=x onerror="document.title='broken'"> ${id}` }).waitFor();
    await page.locator('.row', { hasText: `red ${id}` }).waitFor();
    assert.equal(await page.locator('.row', { hasText: `other ${id}` }).count(), 0);
    assert.equal(await page.title(), 'Live logs');
    assert.equal(await page.locator('#log img').count(), 0);

    await page.keyboard.press('/');
    await page.keyboard.type(`red ${id}`);
    await page.getByText(/^1 of \d+$/).waitFor();
    assert.equal(await page.locator('mark').textContent(), `red ${id}`);
    await page.keyboard.press('Escape');

    await page.locator('.row', { hasText: `red ${id}` }).click();
    await page.locator('.labels', { hasText: 'service_name embedded' }).waitFor();

    await page.keyboard.press('p');
    await page.getByText('Paused').waitFor();
    await push('embedded', `later ${id}`);
    await page.getByText('1 new').waitFor();
    assert.equal(await page.locator('.row', { hasText: `later ${id}` }).count(), 0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('.row', { hasText: `later ${id}` }).waitFor();
  });
}

/** proxy stands between the page and the server, and can cut the wire. */
async function proxy() {
  const { hostname, port } = new URL(base);
  const sockets = new Set();
  let broken = false;
  const server = createServer((near) => {
    if (broken) return near.destroy();
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => {}).on('close', () => { sockets.delete(from); to.destroy(); });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => { broken = true; sockets.forEach((socket) => socket.destroy()); };
  return { url: `http://127.0.0.1:${server.address().port}`, cut, mend: () => { broken = false; }, close: () => { cut(); server.close(); } };
}

use('the embedded tail goes on after an interruption', async (page) => {
  const wire = await proxy();
  try {
    await page.goto(`${wire.url}/embed/tail#token=${secret}`);
    await page.getByText('Live', { exact: true }).waitFor();
    const id = Math.random().toString(36).slice(2);
    await push('embedded', `first ${id}`);
    await page.locator('.row', { hasText: `first ${id}` }).waitFor();
    wire.cut();
    await page.getByText('Reconnecting').waitFor();
    await push('embedded', `meanwhile ${id}`);
    wire.mend();
    await page.locator('.row', { hasText: `meanwhile ${id}` }).waitFor({ timeout: 40_000 });
    await page.getByText('Live', { exact: true }).waitFor();
    for (const text of ['first', 'meanwhile']) assert.equal(await page.locator('.row', { hasText: `${text} ${id}` }).count(), 1);
  } finally {
    wire.close();
  }
}, { viewport: { width: 390, height: 780 } });

use('the embedded tail says why it shows nothing', async (page) => {
  await page.goto(`${base}/embed/tail?token=phr_nonsense&theme=dark`);
  await page.getByText('This link is not valid any more').waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.className), 'dark');
});
