import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { LogRow } from '@/api/loki';
import { LogDetails } from '@/components/logs/LogDetails';
import { renderAt } from '@/test/render';

const row: LogRow = {
  ts: '1795271712345000001',
  ms: 1_795_271_712_345,
  line: '{"message":"boom","user":"7"}',
  labels: { service: 'web' },
  metadata: { trace_id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' },
  parsed: {},
  key: '1',
};

describe('LogDetails', () => {
  it('links to the trace of the line', async () => {
    await renderAt('/', <LogDetails row={row} />);
    expect(screen.getByRole('link', { name: /Trace 0a1b2c3d/ })).toHaveAttribute('href', '/explore?tab=traces&trace=0a1b2c3d4e5f60718293a4b5c6d7e8f9');
  });

  it('offers each field as a filter with where it comes from', async () => {
    const onFilter = vi.fn();
    await renderAt('/', <LogDetails row={row} onFilter={onFilter} />);
    await userEvent.click(screen.getByRole('button', { name: 'No rows where user is 7' }));
    expect(onFilter).toHaveBeenCalledWith({ name: 'user', value: '7', source: 'json' }, '!=');
  });

  it('has no filter buttons where there is no query to narrow', async () => {
    await renderAt('/', <LogDetails row={row} />);
    expect(screen.queryByRole('button', { name: /Only rows/ })).not.toBeInTheDocument();
  });
});
