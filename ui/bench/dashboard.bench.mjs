// How fast dashboards draw and log lines scroll, in Chromium, with synthetic answers (see synthetic.mjs):
//   40 panels with 400 series: drawn, refreshed, layout shift, memory after refreshes
//   1,000 series in one panel: drawn, the cost of moving the pointer
//   100,000 log lines in Explore: the cost of a frame while they scroll
//
//   PHAROS_URL=http://127.0.0.1:8400 node bench/dashboard.bench.mjs [refreshes]
//
// "cpu" is the time the page's main thread computed, whatever else the machine
// did meanwhile; "drawn" counts from the beginning of the navigation, with the
// application's own start. Fails when a limit is met neither by the clock nor by
// cpu time, when something shifts, or when memory grows.
import { heap, line, median, metrics, server } from './rig.mjs';
import { manyPanels, panel, syntheticServer } from './synthetic.mjs';

const limits = { drawnMs: 1500, thousandMs: 2500, refreshMs: 300, hoverMs: 16, shift: 0.001, scrollMs: 16, heapGrowthMiB: 8 };
const refreshes = Number(process.argv[2] ?? 30);

const dashboards = {
  'bench-many': manyPanels,
  'bench-one': { title: '1,000 series', panels: [panel(1, 0, 0, 24, 18, 'lines(1000)', { legend: { displayMode: 'table', calcs: ['max', 'lastNotNull'] }, custom: { fillOpacity: 0 } })] },
};

const pharos = await server();
const { base, stop } = await syntheticServer(pharos.base, dashboards);
process.env.PHAROS_URL = base;
const { launch } = await import('../e2e/browser.mjs');
const browser = await launch();
const failures = [];
try {
  await warm();
  await many();
  await one();
  await logs();
} finally {
  await browser.close();
  await stop();
  await pharos.stop();
}
if (failures.length > 0) {
  console.error(`too slow: ${failures.join('; ')}`);
  process.exit(1);
}

/** The first visit compiles and caches the application. */
async function warm() {
  const { page, context } = await visit('bench-one', 900);
  await drawn(page, 1);
  await context.close();
}

async function many() {
  const { page, cdp, context } = await visit('bench-many', 3100);
  const first = await drawn(page, 40);
  const start = await metrics(cdp);
  report('40 panels, 400 series: drawn', first, start.task, limits.drawnMs);
  const times = [];
  let heapEarly = 0;
  const early = Math.min(5, Math.floor(refreshes / 2));
  let before = await metrics(cdp);
  const cpu = [];
  for (let round = 1; round <= refreshes; round++) {
    times.push(await refresh(page, 40));
    const now = await metrics(cdp);
    cpu.push(now.task - before.task);
    before = now;
    if (round === early) heapEarly = await heap(cdp);
  }
  report(`refreshed (median of ${refreshes})`, median(times), median(cpu), limits.refreshMs);
  const shift = await page.evaluate(() => globalThis.layoutShift);
  line('layout shift, from the first drawing on', shift.toFixed(4));
  if (shift > limits.shift) failures.push(`layout shifts by ${shift.toFixed(4)}`);
  const heapLate = await heap(cdp);
  line(`heap after ${early} and after ${refreshes} refreshes`, `${heapEarly.toFixed(1)} and ${heapLate.toFixed(1)} MiB`);
  if (heapLate - heapEarly > limits.heapGrowthMiB) failures.push(`the heap grows by ${(heapLate - heapEarly).toFixed(1)} MiB`);
  line('elements', String((await metrics(cdp)).nodes));
  await context.close();
}

async function one() {
  const { page, cdp, context } = await visit('bench-one', 900);
  const first = await drawn(page, 1);
  const start = await metrics(cdp);
  report('1,000 series in one panel: drawn', first, start.task, limits.thousandMs);
  line('elements', String(start.nodes));
  const box = await page.locator('.u-over').first().boundingBox();
  const moves = 60;
  const before = await metrics(cdp);
  for (let at = 0; at < moves; at++) await page.mouse.move(box.x + 20 + ((box.width - 40) * at) / moves, box.y + 30 + ((at * 37) % (box.height - 60)));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const cost = ((await metrics(cdp)).task - before.task) / moves;
  line('moving the pointer, each', `${cost.toFixed(1)} ms cpu`);
  if (cost > limits.hoverMs) failures.push(`moving the pointer costs ${cost.toFixed(1)} ms`);
  const refreshBefore = await metrics(cdp);
  const again = await refresh(page, 1);
  report('1,000 series: refreshed', again, (await metrics(cdp)).task - refreshBefore.task, limits.drawnMs);
  await context.close();
}

/** Loads all the lines that Explore holds, page by page, and scrolls through them. */
async function logs() {
  const { page, cdp, context } = await open('/explore?tab=logs&from=now-1h&logql=%7Bbench%3D%22lines%22%7D', 900);
  page.setDefaultTimeout(120_000);
  await page.getByLabel('Log lines').waitFor();
  const before = await metrics(cdp);
  const { count, took } = await page.evaluate(loadAll, 100_000);
  line('100,000 log lines: loaded', `${count.toLocaleString('en')} in ${Math.round(took)} ms, ${Math.round((await metrics(cdp)).task - before.task)} ms cpu`);
  for (const [what, step] of [['a wheel', 120], ['pages', 900]]) {
    const start = await metrics(cdp);
    const frames = await page.evaluate(scrollUp, { step, frames: 180 });
    const cost = ((await metrics(cdp)).task - start.task) / frames.length;
    line(`100,000 log lines: scrolled by ${what}, a frame`, `${cost.toFixed(1)} ms cpu, ${median(frames).toFixed(1)} ms by the clock (95 %: ${frames.toSorted((a, b) => a - b)[Math.floor(frames.length * 0.95)].toFixed(1)})`);
    if (cost > limits.scrollMs) failures.push(`scrolling by ${what} costs ${cost.toFixed(1)} ms a frame`);
  }
  line('100,000 log lines: heap', `${(await heap(cdp)).toFixed(1)} MiB`);
  await context.close();
}

/** In the page: scrolls to the end until that many lines are there. */
function loadAll(wanted) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const look = () => {
      const list = document.querySelector('[aria-label="Log lines"]');
      const count = Math.round(list.scrollHeight / 22);
      if (count >= wanted * 0.999) resolve({ count, took: performance.now() - began });
      else if (performance.now() - began > 110_000) reject(new Error(`only ${count} lines are loaded`));
      else {
        list.scrollTop = list.scrollHeight;
        setTimeout(look, 20);
      }
    };
    look();
  });
}

/** In the page: scrolls up by that many pixels a frame; the frames' milliseconds. */
function scrollUp({ step, frames }) {
  const list = document.querySelector('[aria-label="Log lines"]');
  const times = [];
  return new Promise((resolve) => {
    let last = performance.now();
    const next = (now) => {
      times.push(now - last);
      last = now;
      list.scrollTop -= step;
      if (times.length < frames) requestAnimationFrame(next);
      else resolve(times.slice(1));
    };
    requestAnimationFrame(next);
  });
}

/** Opens a dashboard; the page counts when each canvas was last cleared for drawing, and layout shifts. */
function visit(uid, height) {
  return open(`/dashboards/${uid}?from=now-1h`, height);
}

async function open(path, height) {
  const context = await browser.newContext({ viewport: { width: 1440, height } });
  const page = await context.newPage();
  page.on('pageerror', (error) => failures.push(`the page failed: ${error.message}`));
  await page.addInitScript(() => {
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
      this.canvas.drawnAt = performance.now();
      return clear.apply(this, box);
    };
    globalThis.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(base + path, { timeout: 120_000 });
  return { page, cdp, context };
}

/** Milliseconds from the beginning of the navigation until that many charts were drawn. */
async function drawn(page, count) {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const times = [...document.querySelectorAll('.uplot canvas')].map((canvas) => canvas.drawnAt ?? 0).filter((at) => at > 0);
          if (times.length >= wanted) resolve(Math.max(...times));
          else if (performance.now() > 120_000) reject(new Error(`only ${times.length} of ${wanted} charts are drawn (is sign-in on?): ${document.body.innerText.slice(0, 200)}`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    count,
  );
}

/** Milliseconds from a click on "Refresh now" until all charts were drawn anew. */
async function refresh(page, count) {
  return page.evaluate(
    (wanted) =>
      new Promise((resolve) => {
        const start = performance.now();
        document.querySelector('button[aria-label="Refresh now"]').click();
        const look = () => {
          const times = [...document.querySelectorAll('.uplot canvas')].map((canvas) => canvas.drawnAt ?? 0);
          if (times.filter((at) => at > start).length >= wanted) resolve(Math.max(...times) - start);
          else requestAnimationFrame(look);
        };
        look();
      }),
    count,
  );
}

function report(what, clock, cpu, limit) {
  line(what, `${Math.round(clock)} ms, ${Math.round(cpu)} ms cpu (limit ${limit} ms)`);
  if (Math.min(clock, cpu) > limit) failures.push(`${what} takes ${Math.round(Math.min(clock, cpu))} ms`);
}
