import { screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PlanNode } from '@/api/loki';
import { TimeRangeProvider } from '@/components/useTimeRange';
import { renderAt } from '@/test/render';
import { LogPlan } from './LogPlan';
import { planRows } from './plan';

const zero = { entriesRead: 0, bytesRead: 0, entriesCounted: 0, returned: 0, seconds: 0 };
const plan: PlanNode = {
  ...zero,
  what: 'sum by (level)(count_over_time({app="web"} | json[1m]))',
  seconds: 0.25,
  children: [
    {
      ...zero,
      what: 'count_over_time({app="web"} | json[1m])',
      cached: 50,
      computed: 10,
      children: [
        { ...zero, what: 'count in the store', store: '{app="web"} by field level', entriesCounted: 1_234_567, returned: 40, seconds: 0.02 },
        { ...zero, what: 'read lines', pipeline: '| json', entriesRead: 12, bytesRead: 3456, seconds: 0.001 },
      ],
    },
  ],
};

function answer(status: number, body: unknown) {
  const fetch = vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })));
  vi.stubGlobal('fetch', fetch);
  return fetch;
}
function show(query: string) {
  return renderAt('/', <TimeRangeProvider><LogPlan query={query} order="newest" /></TimeRangeProvider>);
}
afterEach(() => vi.unstubAllGlobals());

describe('planRows', () => {
  it('lists a node before what is below it', () => {
    expect(planRows(plan).map(({ key, depth }) => `${key} ${depth}`)).toEqual(['0 0', '0.0 1', '0.0.0 2', '0.0.1 2']);
  });
});

describe('LogPlan', () => {
  it('asks for the plan and shows its steps', async () => {
    const fetch = answer(200, { status: 'success', data: { resultType: 'matrix', result: [], explain: plan } });
    await show('{app="web"} | json');
    const row = (await screen.findByText('count in the store')).closest('tr') as HTMLElement;
    expect(within(row).getByText('1,234,567')).toBeVisible();
    expect(within(row).getByText('{app="web"} by field level')).toBeVisible();
    expect(screen.getByText('50 of 60 steps cached')).toBeVisible();
    expect(screen.getByText('| json')).toBeVisible();
    const asked = new URL(String((fetch.mock.calls as unknown[][])[0]?.[0]), 'http://x').searchParams;
    expect(asked.get('explain')).toBe('1');
    expect(asked.get('query')).toBe('{app="web"} | json');
    expect(asked.get('direction')).toBe('backward');
  });

  it('says that a server tells none', async () => {
    answer(200, { status: 'success', data: { resultType: 'matrix', result: [] } });
    await show('{}');
    expect(await screen.findByText('The server told no plan')).toBeVisible();
  });

  it('shows the server’s words', async () => {
    answer(400, { status: 'error', error: 'parse error at line 1' });
    await show('{');
    expect(await screen.findByText(/A query that fails has no plan/)).toBeVisible();
  });
});
