// @vitest-environment jsdom
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchJson } from '@/api/http';
import { useServerAway } from '@/components/useServerAway';

let up = true;

beforeEach(() => {
  vi.useFakeTimers();
  up = true;
  vi.stubGlobal('fetch', (path: string) => (up ? Promise.resolve(new Response(path === '/-/ready' ? 'ready' : '{"value":7}')) : Promise.reject(new TypeError('Failed to fetch'))));
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function Probe() {
  const away = useServerAway();
  const query = useQuery({ queryKey: ['value'], queryFn: ({ signal }) => fetchJson<{ value: number }>('/api/value', { signal }), retry: false });
  return <p>{`${away ? 'away' : 'here'} ${query.isError ? 'failed' : String(query.data?.value)}`}</p>;
}

it('says that the server is away, and asks everything again once it is back', async () => {
  up = false;
  const client = new QueryClient();
  render(<QueryClientProvider client={client}><Probe /></QueryClientProvider>);
  await act(() => vi.advanceTimersByTimeAsync(500));
  expect(screen.getByText('away failed')).toBeTruthy();
  await act(() => vi.advanceTimersByTimeAsync(6_000));
  expect(screen.getByText('away failed')).toBeTruthy();
  up = true;
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(screen.getByText('here 7')).toBeTruthy();
  client.clear();
});

it('does not call the server away for a request that fails while it answers', async () => {
  vi.stubGlobal('fetch', (path: string) => (path === '/-/ready' ? Promise.resolve(new Response('ready')) : Promise.reject(new TypeError('Failed to fetch'))));
  const client = new QueryClient();
  render(<QueryClientProvider client={client}><Probe /></QueryClientProvider>);
  await act(() => vi.advanceTimersByTimeAsync(3_000));
  expect(screen.getByText('here failed')).toBeTruthy();
  client.clear();
});
