import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import { Pager } from '@/features/dashboards/panels/Pager';

function Paged({ count }: { count: number }) {
  const [page, setPage] = useState(0);
  return (
    <MantineProvider>
      <Pager page={page} pageSize={20} count={count} onPage={setPage} />
    </MantineProvider>
  );
}

describe('Pager', () => {
  it('steps through pages and stops at the ends', () => {
    render(<Paged count={45} />);
    const [back, forth] = [screen.getByRole('button', { name: 'Previous page' }), screen.getByRole('button', { name: 'Next page' })];
    expect(screen.getByText('1–20 of 45')).toBeTruthy();
    expect(back.hasAttribute('disabled')).toBe(true);
    fireEvent.click(forth);
    fireEvent.click(forth);
    expect(screen.getByText('41–45 of 45')).toBeTruthy();
    expect(forth.hasAttribute('disabled')).toBe(true);
  });

  it('is not there when one page holds all', () => {
    render(<Paged count={20} />);
    expect(screen.queryByRole('button')).toBeNull();
  });
});
