import { describe, expect, it } from 'vitest';
import { boolParam, defineSearch, enumParam, listParam, numberParam, parseSearch, stringifySearch, stringParam } from '@/lib/search';

const view = defineSearch({
  query: stringParam(),
  from: stringParam('now-1h'),
  step: numberParam(0, 0, 3600),
  wrap: boolParam(true),
  tab: enumParam(['graph', 'table'], 'graph'),
  expr: listParam(),
});

describe('a view’s search parameters', () => {
  it.each([
    { query: '', from: 'now-1h', step: 0, wrap: true, tab: 'graph' as const, expr: [] },
    { query: '{a="b"} |= "x & y" # é', from: '1795271712345', step: 15, wrap: false, tab: 'table' as const, expr: ['up == 0', 'a+b', ''] },
    { query: '1', from: 'true', step: 3600, wrap: true, tab: 'graph' as const, expr: ['one'] },
  ])('come back from the URL as they were: %j', (state) => {
    const url = stringifySearch(view.format(state));
    expect(view.parse(parseSearch(url))).toEqual(state);
  });

  it('leave defaults out of the URL', () => {
    expect(stringifySearch(view.format(view.parse({})))).toBe('');
  });

  it('take the default for what cannot be read', () => {
    expect(view.parse({ step: '-1', wrap: 'maybe', tab: 'chart' })).toEqual(view.parse({}));
    expect(view.parse({ step: '99999', query: ['a', 'b'] })).toEqual({ ...view.parse({}), query: 'a' });
  });

  it('remove a parameter that returns to its default', () => {
    const merged = { ...parseSearch('?from=now-5m&other=1'), ...view.format({ from: 'now-1h' }) };
    expect(stringifySearch(merged)).toBe('?other=1');
  });
});
