// Whether dashboards that refresh every 5 seconds keep their memory, in Chromium:
//   every kind of panel on the demonstration's live data (e2e/testdata/all-kinds.json)
//   40 panels with 400 series of synthetic answers
//
//   PHAROS_URL=http://127.0.0.1:8400 node bench/memory.bench.mjs [minutes]
//
// Heaps are what is reachable after garbage collection. The ranges are five minutes
// long, so that after five minutes nothing that is shown grows by itself: growth
// from then to the end fails the run. Needs sign-in off, as the server it starts.
import { readFileSync } from 'node:fs';
import { heap, line, metrics, server } from './rig.mjs';
import { manyPanels, syntheticServer } from './synthetic.mjs';

const minutes = Number(process.argv[2] ?? 60);
const settledAfter = 5;
const limits = { heapMiB: 4, nodesShare: 0.15, listenersShare: 0.1 };
const allKinds = JSON.parse(readFileSync(new URL('../e2e/testdata/all-kinds.json', import.meta.url), 'utf8'));

const pharos = await server();
const { base, stop } = await syntheticServer(pharos.base, { 'bench-many': manyPanels });
process.env.PHAROS_URL = base;
const { launch } = await import('../e2e/browser.mjs');
const browser = await launch();
const failures = [];
try {
  await send(base, allKinds);
  const pages = [await visit('every kind of panel', allKinds.uid), await visit('40 panels, 400 series', 'bench-many')];
  await watch(pages);
} finally {
  await browser.close();
  await stop();
  await pharos.stop();
}
if (failures.length > 0) {
  console.error(`memory grows: ${failures.join('; ')}`);
  process.exit(1);
}

async function send(address, dashboard) {
  const answer = await fetch(`${address}/api/pharos/v1/dashboards`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: address }, body: JSON.stringify({ dashboard, folder: '', overwrite: true }) });
  if (!answer.ok) throw new Error(`the server did not take the dashboard (is sign-in on?): ${answer.status} ${await answer.text()}`);
}

/** A page of its own for a dashboard, as high as the dashboard, so that every panel asks. */
async function visit(name, uid) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 3100 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => failures.push(`${name}: the page failed: ${error.message}`));
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  let asked = 0;
  page.on('request', (request) => /query/.test(request.url()) && (asked += 1));
  await page.goto(`${base}/dashboards/${uid}?from=now-5m&to=now&refresh=5s`, { timeout: 180_000 });
  await page.locator('.uplot canvas').first().waitFor({ timeout: 180_000 });
  return { name, cdp, samples: [], asked: () => asked };
}

/** Samples every page at 1, 5, 10, 15 ... minutes and at the end. */
async function watch(pages) {
  const begin = Date.now();
  const marks = [...new Set([1, settledAfter, ...Array.from({ length: Math.floor(minutes / 5) }, (_, at) => (at + 1) * 5), minutes])].filter((at) => at <= minutes).toSorted((a, b) => a - b);
  for (const minute of marks) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + minute * 60_000 - Date.now())));
    for (const page of pages) {
      const sample = { minute, mib: await heap(page.cdp), ...(await metrics(page.cdp)) };
      page.samples.push(sample);
      line(`${String(minute).padStart(3)} min  ${page.name}`, `${sample.mib.toFixed(1)} MiB, ${sample.nodes} nodes, ${sample.listeners} listeners, ${page.asked()} queries, ${(sample.task / 1000).toFixed(0)} s cpu`);
    }
  }
  for (const page of pages) judge(page);
}

function judge({ name, samples }) {
  const first = samples.find((one) => one.minute >= settledAfter) ?? samples[0];
  const last = samples.at(-1);
  if (last.mib - first.mib > limits.heapMiB) failures.push(`${name}: the heap by ${(last.mib - first.mib).toFixed(1)} MiB`);
  for (const [what, share] of [['nodes', limits.nodesShare], ['listeners', limits.listenersShare]]) {
    if (last[what] > first[what] * (1 + share)) failures.push(`${name}: the ${what} from ${first[what]} to ${last[what]}`);
  }
}
