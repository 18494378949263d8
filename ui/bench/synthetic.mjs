// Answers a dashboard's queries without a store, so that a benchmark measures the
// application: same shapes and sizes as real answers, always the same values for
// the same moment.
//
// A query says what it wants: lines(n), states(n), buckets(n) (cumulative, with
// le), walk(seed), counts(n); lines(n, 7) is another query with the same answer.
// {bench="lines"} has a log line every 10 milliseconds of its range. Anything else goes to the server.
import { Agent, createServer, request as forwarded } from 'node:http';

/** A number in 0..1 that depends on its arguments only. */
function noise(a, b) {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

const line = (seed, t) => 40 + 25 * Math.sin(t / 900 + seed) + 12 * Math.sin(t / 170 + seed * 3) + 10 * noise(seed, Math.floor(t / 15)) + (seed % 7) * 6;

/** A panel of the dashboard model at a place of the grid, 24 columns wide. */
export const panel = (id, x, y, w, h, expr, more = {}) => ({
  id,
  type: 'timeseries',
  title: `Panel ${id}`,
  gridPos: { x, y, w, h },
  targets: [{ refId: 'A', expr, legendFormat: '{{job}}' }],
  fieldConfig: { defaults: { unit: 'ms', color: { mode: 'palette-classic' }, custom: { fillOpacity: 10, ...more.custom }, ...more.defaults }, overrides: [] },
  options: { legend: { displayMode: 'list', placement: 'bottom', calcs: ['lastNotNull'], ...more.legend }, tooltip: { mode: 'multi', sort: 'desc' } },
});

/** 40 panels with 10 series each, every fifth of them stacked; each asks a query of its own. */
export const manyPanels = {
  title: '40 panels, 400 series',
  panels: Array.from({ length: 40 }, (_, at) => panel(at + 1, (at % 4) * 6, Math.floor(at / 4) * 7, 6, 7, `lines(10, ${at})`, at % 5 === 4 ? { custom: { stacking: { mode: 'normal', group: 'A' }, fillOpacity: 30 } } : {})),
};

const kinds = {
  lines: (n) => Array.from({ length: n }, (_, i) => ({ labels: { job: `service-${String(i).padStart(3, '0')}`, instance: `10.0.${i >> 8}.${i & 255}:9100` }, value: (t) => line(i, t) })),
  walk: (seed) => [{ labels: { job: 'walk' }, value: (t) => line(seed, t) }],
  states: (n) => Array.from({ length: n }, (_, i) => ({ labels: { unit: `worker-${i}` }, value: (t) => Math.floor(noise(i, Math.floor(t / 420)) * 3.2) })),
  counts: (n) => Array.from({ length: n }, (_, i) => ({ labels: { code: String(200 + i * 100), path: `/api/v${i}` }, value: (t) => Math.round(900 / (i + 1) + 60 * noise(i, Math.floor(t / 60))) })),
  buckets: (n) =>
    Array.from({ length: n }, (_, i) => {
      const le = i === n - 1 ? '+Inf' : String(0.005 * 2 ** i);
      return {
        labels: { le },
        value: (t) => {
          const centre = n / 2 + (n / 5) * Math.sin(t / 700);
          let sum = 0;
          for (let k = 0; k <= i; k++) sum += 100 * Math.exp(-((k - centre) ** 2) / (n / 3)) * (0.7 + 0.6 * noise(k, Math.floor(t / 15)));
          return Math.round(sum);
        },
      };
    }),
};

/** Prometheus' answer to a synthetic query, or undefined when it is another one. */
export function answer(params) {
  const query = params.get('query') ?? '';
  const found = /^(\w+)\((\d+)(?:, \d+)?\)$/.exec(query.trim());
  const kind = found === null ? undefined : kinds[found[1]];
  if (kind === undefined) return undefined;
  const series = kind(Number(found[2]));
  if (params.has('time')) {
    const at = Number(params.get('time'));
    return { status: 'success', data: { resultType: 'vector', result: series.map(({ labels, value }) => ({ metric: labels, value: [at, value(at).toFixed(3)] })) } };
  }
  const [start, end, step] = ['start', 'end', 'step'].map((key) => Number(params.get(key)));
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, i) => start + i * step);
  return { status: 'success', data: { resultType: 'matrix', result: series.map(({ labels, value }) => ({ metric: labels, values: times.map((t) => [t, value(t).toFixed(3)]) })) } };
}

const levels = ['info', 'info', 'info', 'debug', 'warn', 'error'];

/** Loki's answer to {bench="lines"}, newest first, or undefined when it is another query. */
export function logAnswer(params) {
  if ((params.get('query') ?? '').replaceAll(' ', '') !== '{bench="lines"}') return undefined;
  const [start, end] = ['start', 'end'].map((key) => Math.ceil(Number(BigInt(params.get(key)) / 10_000_000n)));
  const count = Math.min(Number(params.get('limit') ?? 100), Math.max(0, end - start));
  const streams = new Map();
  for (let i = 0; i < count; i++) {
    const tick = end - 1 - i;
    const service = `service-${tick % 5}`;
    const level = levels[tick % levels.length];
    const line = `{"ts":${tick * 10},"level":"${level}","msg":"request ${tick} of customer ${Math.floor(noise(1, tick) * 5000)} took ${Math.floor(noise(2, tick) * 900)} ms","method":"GET","path":"/api/v1/orders/${tick % 997}","status":${level === 'error' ? 500 : 200}}`;
    const values = streams.get(service) ?? [];
    values.push([`${BigInt(tick) * 10_000_000n}`, line]);
    streams.set(service, values);
  }
  return { status: 'success', data: { resultType: 'streams', result: [...streams].map(([service, values]) => ({ stream: { bench: 'lines', service_name: service }, values })), stats: {} } };
}

/**
 * A server that has these dashboards (by uid) and synthetic answers, and asks the one at
 * target for everything else. The page talks to it as to any server: what Chromium's
 * interception costs a request would be measured with the page.
 */
export async function syntheticServer(target, dashboards) {
  const server = createServer((request, response) => void serve(request, response).catch((error) => response.destroy(error)));
  async function serve(request, response) {
    const url = new URL(request.url, target);
    const body = request.method === 'POST' ? await text(request) : undefined;
    if (/^\/api\/v1\/query(_range)?$/.test(url.pathname)) {
      const found = answer(body === undefined ? url.searchParams : new URLSearchParams(body));
      if (found !== undefined) return send(response, found);
    }
    if (url.pathname === '/loki/api/v1/query_range') {
      const found = logAnswer(body === undefined ? url.searchParams : new URLSearchParams(body));
      if (found !== undefined) return send(response, found);
    }
    const uid = /^\/api\/pharos\/v1\/dashboards\/([\w-]+)$/.exec(url.pathname)?.[1];
    if (request.method === 'GET' && dashboards[uid] !== undefined) return send(response, { dashboard: { uid, title: uid, ...dashboards[uid] }, meta: metaOf(uid) });
    forward(url, request, body, response);
  }
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { base: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())) };
}

const metaOf = (uid) => ({ uid, folder: { uid: '', title: 'Benchmark' }, provisioned: false, updated: new Date().toISOString(), notes: [], version: 1, can_edit: false, starred: false, origin: 'store', writable_file: false });

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

function send(response, value) {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

const upstream = new Agent({ keepAlive: true });

function forward(url, { method, headers }, body, response) {
  const asked = forwarded(url, { method, headers, agent: upstream }, (answered) => {
    response.writeHead(answered.statusCode, answered.headers);
    answered.pipe(response);
  });
  asked.on('error', (error) => response.destroy(error));
  response.on('close', () => asked.destroy());
  asked.end(body);
}

/** Lets the page have these dashboards (by uid) and synthetic answers. */
export async function routeSynthetic(page, dashboards) {
  await page.route(/\/api\/v1\/query(_range)?(\?|$)/, async (route) => {
    const request = route.request();
    const params = new URLSearchParams(request.method() === 'POST' ? (request.postData() ?? '') : new URL(request.url()).search);
    const body = answer(params);
    if (body === undefined) await route.continue();
    else await route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) });
  });
  await page.route(/\/api\/pharos\/v1\/dashboards\/[\w-]+$/, async (route) => {
    const uid = new URL(route.request().url()).pathname.split('/').at(-1);
    const dashboard = dashboards[uid];
    if (dashboard === undefined) {
      await route.continue();
      return;
    }
    await route.fulfill({ contentType: 'application/json', body: JSON.stringify({ dashboard: { uid, title: uid, ...dashboard }, meta: metaOf(uid) }) });
  });
}
