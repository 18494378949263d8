import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { routeRequests } from '@/api/http';
import { AlertListPanel } from './AlertListPanel';

vi.mock('@tanstack/react-router', () => ({ useParams: () => ({ uid: 'u' }) }));

afterEach(() => {
  routeRequests(undefined);
  vi.restoreAllMocks();
});

function show() {
  const asked: string[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation((input) => {
    const url = input instanceof Request ? input.url : String(input);
    asked.push(url);
    const answer = url.includes('/rules') ? { status: 'success', data: { groups: [] } } : [];
    return Promise.resolve(new Response(JSON.stringify(answer), { status: 200, headers: { 'content-type': 'application/json' } }));
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <AlertListPanel panel={{ id: 1, type: 'alertlist', options: {} }} replace={(text) => text} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return asked;
}

describe('an alert list', () => {
  it('asks for rules where somebody is signed in', async () => {
    const asked = show();
    expect(await screen.findByText('No alerts')).toBeDefined();
    expect(asked.some((url) => url.includes('/rules'))).toBe(true);
  });
  it('says on a public link that it is not shared, and asks nothing', () => {
    routeRequests((path) => `/api/pharos/v1/public/k/q${path}`);
    const asked = show();
    expect(screen.getByText('Alerts are not shared')).toBeDefined();
    expect(asked).toEqual([]);
  });
});
