import { useQuery } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/api/http';
import { EmptyState } from '@/components/EmptyState';
import { QueryView } from '@/components/QueryView';
import { renderAt } from '@/test/render';

function View({ load }: { load: () => Promise<string[]> }) {
  const query = useQuery({ queryKey: ['view'], queryFn: load });
  return (
    <QueryView query={query} errorTitle="The names could not be listed" isEmpty={(names) => names.length === 0} empty={<EmptyState title="No names yet" />}>
      {(names) => <ul>{names.map((name) => <li key={name}>{name}</li>)}</ul>}
    </QueryView>
  );
}

describe('QueryView', () => {
  it('shows that data are on their way', async () => {
    await renderAt('/', <View load={() => new Promise(() => undefined)} />);
    expect(screen.getByRole('status', { name: 'Loading' })).toBeVisible();
  });

  it('shows data', async () => {
    await renderAt('/', <View load={() => Promise.resolve(['one', 'two'])} />);
    expect(await screen.findAllByRole('listitem')).toHaveLength(2);
  });

  it('says what to do when there are none', async () => {
    await renderAt('/', <View load={() => Promise.resolve([])} />);
    expect(await screen.findByText('No names yet')).toBeVisible();
  });

  it('shows the server’s words and hint, and tries again', async () => {
    const load = vi
      .fn<() => Promise<string[]>>()
      .mockRejectedValueOnce(new ApiError('http', 503, 'busy', 'too many queries', 'ask again later'))
      .mockResolvedValueOnce(['one']);
    await renderAt('/', <View load={load} />);
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The names could not be listed');
    expect(alert).toHaveTextContent('too many queries');
    expect(alert).toHaveTextContent('ask again later');
    expect(alert).toHaveTextContent('HTTP 503 busy');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('listitem')).toHaveTextContent('one');
  });

  it('does not offer to ask the same again where the question itself is wrong', async () => {
    const load = vi.fn<() => Promise<string[]>>().mockRejectedValue(new ApiError('http', 400, 'bad_query', 'unexpected end', 'close the brace'));
    await renderAt('/', <View load={load} />);
    expect(await screen.findByRole('alert')).toHaveTextContent('close the brace');
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });
});
