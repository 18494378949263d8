import { describe, expect, it } from 'vitest';
import { filtersFor, formatFilter, parseFilter, withFilter } from '@/features/dashboards/model/adhoc';
import type { Variable } from '@/features/dashboards/model/variables';

const variable: Variable = { name: 'Filters', label: 'Filters', type: 'adhoc', hide: 0, multi: false, includeAll: false, allValue: undefined, options: [], current: ['job|=|api', 'path|=~|/a__gfp__b', 'nonsense'], datasource: 'p' };

describe('ad hoc filters', () => {
  it.each([
    ['job|=|api', { key: 'job', operator: '=', value: 'api' }],
    ['job|!=|', { key: 'job', operator: '!=', value: '' }],
    ['path|=~|a__gfp__b__gfc____gfh__', { key: 'path', operator: '=~', value: 'a|b,#' }],
    ['pod|=__gfp__|a|b', { key: 'pod', operator: '=|', value: 'a', values: ['a', 'b'] }],
  ])('read and write %s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
    expect(formatFilter(filter)).toBe(text);
  });

  it('leave out shown names and origins, and what is none', () => {
    expect(parseFilter('job,Job name|=|api,The API#dashboard')).toEqual({ key: 'job', operator: '=', value: 'api' });
    for (const text of ['', 'job', 'job|=', 'job|?|x', '|=|x']) expect(parseFilter(text)).toBeUndefined();
  });

  it('apply to their data source only', () => {
    expect(filtersFor([variable], 'p')).toEqual([{ key: 'job', operator: '=', value: 'api' }, { key: 'path', operator: '=~', value: '/a|b' }]);
    expect(filtersFor([variable], 'x')).toEqual([]);
    expect(filtersFor([{ ...variable, baseFilters: [{ key: 'env', operator: '=', value: 'prod' }] }], 'p')).toHaveLength(3);
  });

  it('are added in place of their opposite', () => {
    expect(withFilter(variable, 'job', '!=', 'api')).toEqual(['path|=~|/a__gfp__b', 'job|!=|api']);
    expect(withFilter(variable, 'job', '=', 'web')).toEqual(['job|=|api', 'path|=~|/a__gfp__b', 'job|=|web']);
  });
});
