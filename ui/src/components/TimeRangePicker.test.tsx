import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { TimeRangePicker } from '@/components/TimeRangePicker';
import { TimeRangeProvider } from '@/components/useTimeRange';
import { renderAt } from '@/test/render';

const picker = (
  <TimeRangeProvider>
    <TimeRangePicker />
  </TimeRangeProvider>
);

describe('TimeRangePicker', () => {
  it('shows the range of the address and puts a quick one there', async () => {
    const router = await renderAt('/?from=now-6h&other=1', picker);
    await userEvent.click(screen.getByRole('button', { name: 'Last 6 hours' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Last 15 minutes' }));
    expect(router.state.location.search).toEqual({ from: 'now-15m', other: '1' });
  });

  it('goes back to the range before', async () => {
    const router = await renderAt('/?from=now-6h', picker);
    expect(screen.getByRole('button', { name: 'Back to the range before' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Zoom out' }));
    expect(router.state.location.search).toHaveProperty('to');
    await userEvent.click(screen.getByRole('button', { name: 'Back to the range before' }));
    expect(router.state.location.search).toEqual({ from: 'now-6h' });
  });

  it('refuses a range whose end is before its start', async () => {
    const router = await renderAt('/', picker);
    await userEvent.click(screen.getByRole('button', { name: 'Last hour' }));
    const to = await screen.findByRole('textbox', { name: 'To' });
    await userEvent.clear(to);
    await userEvent.type(to, 'now-2h{Enter}');
    expect(screen.getByText('Before the start')).toBeVisible();
    expect(router.state.location.search).toEqual({});
  });
});
