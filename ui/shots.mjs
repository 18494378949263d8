import { chromium } from 'playwright-core';
const base = process.env.B ?? 'http://127.0.0.1:18151';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-dev-shm-usage'] });
const list = JSON.parse(process.argv[2]);
const c = await b.newContext({ viewport: { width: Number(process.env.VW ?? 1440), height: Number(process.env.VH ?? 900) }, colorScheme: process.env.SCHEME ?? 'light' });
const p = await c.newPage();
p.setDefaultTimeout(60000);
p.on('pageerror', e => console.log('PAGEERROR', e.message.slice(0,400)));
p.on('console', m => { if (m.type()==='error') console.log('CONSOLE', m.text().slice(0,200)); });
for (const [name, path, waitFor, step] of list) {
  try {
    if (path) await p.goto(base + path, { waitUntil: 'commit' });
    if (waitFor) await p.locator(waitFor).first().waitFor({ timeout: 150000 });
    if (step) await eval(`(async()=>{${step}})()`);
    await p.waitForTimeout(2500);
  } catch (e) { console.log('FAIL', name, e.message.split('\n')[0]); }
  await p.screenshot({ path: `/tmp/editui/${name}.png` }); console.log('shot', name, new Date().toISOString().slice(11,19));
}
await b.close();
