import { describe, expect, it } from 'vitest';
import { exploreLogs, exploreTrace } from '@/lib/links';
import { prefixed, rightPane, searchOf, within } from '@/lib/searchScope';

describe('a scope', () => {
  it('is undone by its inverse', () => {
    const raw = { tab: 'logs', logql: '{a="b"}', list: ['x', 'y'] };
    expect(within({ ...prefixed(raw, rightPane), tab: 'metrics' }, rightPane)).toEqual(raw);
    expect(within(raw, '')).toBe(raw);
  });
});

describe('searchOf', () => {
  const split = { split: '1', tab: 'logs', logql: '{a="b"}', from: 'now-3h', 'r.tab': 'metrics', 'r.expr': 'up' };

  it('leaves other pages and an undivided Explore alone', () => {
    const place = exploreTrace('abc');
    expect(searchOf(place, '', { tab: 'logs', from: 'now-3h' })).toBe(place.search);
    const other = { to: '/tail', search: { query: 'x' } };
    expect(searchOf(other, rightPane, split)).toBe(other.search);
  });

  it('changes the pane that the link is in', () => {
    expect(searchOf(exploreTrace('abc'), rightPane, split)).toMatchObject({ split: '1', tab: 'logs', logql: '{a="b"}', from: 'now-3h', 'r.tab': 'traces', 'r.trace': 'abc' });
    expect(searchOf(exploreTrace('abc'), rightPane, split)['r.expr']).toBeUndefined();
    expect(searchOf(exploreTrace('abc'), '', split)).toMatchObject({ tab: 'traces', trace: 'abc', 'r.tab': 'metrics', 'r.expr': 'up' });
    expect(searchOf(exploreTrace('abc'), '', split).logql).toBeUndefined();
  });

  it('moves the shared time, or the pane’s own', () => {
    const place = exploreLogs('{c="d"}', { from: 1_000, to: 2_000 });
    expect(searchOf(place, rightPane, split)).toMatchObject({ from: '1000', to: '2000' });
    const own = searchOf(place, rightPane, { ...split, unlinked: '1', 'r.from': 'now-5m' });
    expect(own).toMatchObject({ from: 'now-3h', 'r.from': '1000', 'r.to': '2000', unlinked: '1' });
  });
});
