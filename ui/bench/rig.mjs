// What the benchmarks of the application share: a server, Chromium's counters, and lines of figures.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The server to ask: the one at PHAROS_URL, or a demonstration of our own. */
export async function server() {
  if (process.env.PHAROS_URL !== undefined) return { base: process.env.PHAROS_URL, stop: () => undefined };
  const binary = new URL('../../bin/pharos', import.meta.url).pathname;
  if (!existsSync(binary)) throw new Error('bin/pharos is missing: run "make build", or set PHAROS_URL');
  const folder = mkdtempSync(join(tmpdir(), 'pharos-bench-'));
  const config = join(folder, 'pharos.yml');
  writeFileSync(config, 'traces:\n  otlp: {grpc: "", http: ""}\n  jaeger: {grpc: "", thrift_http: "", thrift_compact: "", thrift_binary: ""}\n  zipkin: {http: ""}\n');
  const port = await freePort();
  const child = spawn(binary, ['demo', '--data', join(folder, 'data'), '--listen', `127.0.0.1:${port}`, '--auth', 'off', '--config', config], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 300; tries++) {
    const up = await fetch(`${address}/health/ready`).then((answer) => answer.ok, () => false);
    if (up) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    base: address,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** What Chromium counts of a page: milliseconds its main thread worked, live DOM nodes and event listeners. */
export async function metrics(cdp) {
  const { metrics: list } = await cdp.send('Performance.getMetrics');
  const value = (name) => list.find((one) => one.name === name)?.value ?? 0;
  return { task: value('TaskDuration') * 1000, nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

/** MiB of the page's JavaScript heap that are reachable. */
export async function heap(cdp) {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics: list } = await cdp.send('Performance.getMetrics');
  return (list.find((one) => one.name === 'JSHeapUsedSize')?.value ?? 0) / 1024 / 1024;
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

export function line(what, text) {
  console.log(`${what.padEnd(48)} ${text}`);
}
