import { describe, expect, it } from 'vitest';
import { exploreTrace } from '@/lib/links';
import { parseSearch, stringifySearch } from '@/lib/search';
import { rightPane, within } from '@/lib/searchScope';
import { exploreSearch, logsSearch, metricsSearch, splitSearch, tracesSearch } from './exploreSearch';
import { besideSearch } from './useBeside';

const there = <T extends Record<string, unknown>>(definition: { parse: (raw: never) => T; format: (state: T) => Record<string, unknown> }, state: T) =>
  definition.parse(parseSearch(stringifySearch(definition.format(state))) as never);

describe('Explore’s state', () => {
  it('comes back from the URL', () => {
    expect(there(exploreSearch, { tab: 'logs' })).toEqual({ tab: 'logs' });
    expect(there(splitSearch, { split: true, unlinked: true })).toEqual({ split: true, unlinked: true });
    const logs = { logql: '{a="b&c"} |= "x=y"', order: 'oldest', wrap: false, show: 'line', plan: true, mode: 'words', view: 'table', cols: ['status:90', 'user'], fields: false, words: true } as const;
    expect(there(logsSearch as never, logs as never)).toEqual(logs);
    const metrics = { expr: ['up', 'rate(a[5m])'], view: 'table', draw: 'bars', step: 60, browse: 'cost', metric: 'up', by: 'job', match: ['job="a"', 'b!="c"'], find: 'x', words: true } as const;
    expect(there(metricsSearch as never, metrics as never)).toEqual(metrics);
    const traces = { service: 's', operation: 'o', tags: 'a=b', min: '1ms', max: '2s', limit: 50, traceql: '{ status = error }', mode: 'traceql', trace: 'abc', span: 'def' } as const;
    expect(there(tracesSearch as never, traces as never)).toEqual(traces);
  });

  it('takes a place into the pane beside it and leaves the left one', () => {
    const before = { tab: 'logs', logql: '{a="b"}', from: 'now-3h', 'r.expr': 'old' };
    const next = besideSearch(exploreTrace('abc'), before);
    expect(next).toMatchObject({ tab: 'logs', logql: '{a="b"}', from: 'now-3h', split: '1' });
    expect(within(next, rightPane)).toMatchObject({ tab: 'traces', trace: 'abc' });
    expect(next['r.expr']).toBeUndefined();
  });
});
