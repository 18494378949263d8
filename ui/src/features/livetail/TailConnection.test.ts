import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { capacity, TailConnection, type TailSnapshot } from './TailConnection';

/** A WebSocket under the test's control. */
class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: string }) => void) | undefined;
  onclose: (() => void) | undefined;
  closed = false;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  close(): void {
    this.closed = true;
  }

  lines(from: number, count: number, dropped = 0): void {
    const values = Array.from({ length: count }, (_, i) => [`${1_795_271_712_000 + from + i}000000`, `line ${from + i}`]);
    this.onmessage?.({ data: JSON.stringify({ streams: [{ stream: { app: 'x' }, values }], dropped_entries: Array.from({ length: Math.min(dropped, 2) }, () => ({})), dropped, cursor: `after-${from + count}` }) });
  }
}

let last: TailSnapshot | undefined;
let tail: TailConnection | undefined;
const latest = () => FakeSocket.all.at(-1) as FakeSocket;

async function start(status = 200, body = '{"status":"success","data":{"resultType":"streams","result":[]}}') {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));
  tail = new TailConnection('{app="x"}', (snapshot) => (last = snapshot));
  await vi.advanceTimersByTimeAsync(10);
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_271_712_000 });
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  last = undefined;
});

afterEach(() => {
  tail?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('TailConnection', () => {
  it('hands rows over once in a drawn frame, however many messages came', async () => {
    await start();
    latest().onopen?.();
    expect(last?.status.state).toBe('live');
    await vi.advanceTimersByTimeAsync(200);
    const seen: TailSnapshot[] = [];
    const counted = last;
    for (let i = 0; i < 100; i++) latest().lines(i * 20, 20);
    expect(last).toBe(counted);
    await vi.advanceTimersByTimeAsync(100);
    seen.push(last as TailSnapshot);
    expect(seen[0]).toMatchObject({ received: 2000, dropped: 0 });
    expect(seen[0]?.rows).toHaveLength(2000);
  });

  it('keeps the newest rows and counts what the server dropped', async () => {
    await start();
    latest().onopen?.();
    latest().lines(0, capacity + 500, 3);
    await vi.advanceTimersByTimeAsync(200);
    expect(last?.rows).toHaveLength(capacity);
    expect(last?.rows[0]?.line).toBe('line 500');
    expect(last).toMatchObject({ received: capacity + 500, dropped: 3 });
  });

  it('connects again where it was, waiting longer each time', async () => {
    await start();
    latest().onopen?.();
    latest().lines(0, 5);
    latest().onclose?.();
    expect(last?.status).toMatchObject({ state: 'waiting', attempt: 1 });
    await vi.advanceTimersByTimeAsync(600);
    expect(FakeSocket.all).toHaveLength(2);
    expect(new URL(latest().url).searchParams.get('cursor')).toBe('after-5');
    latest().onclose?.();
    expect(last?.status).toMatchObject({ state: 'waiting', attempt: 2 });
  });

  it('does not try again what the server refuses, and shows its words', async () => {
    await start(400, 'parse error at line 1');
    expect(FakeSocket.all).toHaveLength(0);
    expect(last?.status).toMatchObject({ state: 'refused', error: { message: 'parse error at line 1' } });
  });

  it('is silent once closed', async () => {
    await start();
    const socket = latest();
    socket.onopen?.();
    tail?.close();
    const before = last;
    socket.lines(0, 5);
    socket.onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(last).toBe(before);
    expect(socket.closed).toBe(true);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
