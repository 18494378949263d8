import { describe, expect, it } from 'vitest';
import { afterAll } from '@/features/dashboards/VariableBar';
import { safeHref } from '@/features/dashboards/DashboardLinks';
import { findDashboards as search } from '@/features/dashboards/list/findDashboards';
import { readable } from '@/features/dashboards/panels/readable';
import { toggle } from '@/features/dashboards/panels/chart/legend';
import { gridFor } from '@/features/dashboards/panels/values';

describe('toggle', () => {
  it('shows one alone, then all again', () => {
    const alone = toggle(new Set(), 'a', false, ['a', 'b', 'c']);
    expect([...alone]).toEqual(['b', 'c']);
    expect([...toggle(alone, 'a', false, ['a', 'b', 'c'])]).toEqual([]);
    expect([...toggle(alone, 'b', true, ['a', 'b', 'c'])]).toEqual(['c']);
  });
});

describe('gridFor', () => {
  it('follows the shape of its box', () => {
    expect(gridFor(4, 1200, 100, 'auto')).toEqual({ columns: 4, rows: 1 });
    expect(gridFor(4, 200, 400, 'auto')).toEqual({ columns: 1, rows: 4 });
  });
});

describe('afterAll', () => {
  it('keeps All and single values apart', () => {
    expect(afterAll(['$__all', 'a'], ['$__all'])).toEqual(['a']);
    expect(afterAll(['a', '$__all'], ['a'])).toEqual(['$__all']);
    expect(afterAll([], ['a'])).toEqual(['$__all']);
  });
});

describe('safeHref', () => {
  it('lets no script through', () => {
    expect(safeHref('javascript:alert(1)')).toBeUndefined();
    expect(safeHref('//evil.example')).toBeUndefined();
    expect(safeHref('/dashboards/x')).toBe('/dashboards/x');
    expect(safeHref('https://example.org')).toBe('https://example.org');
  });
});

describe('search', () => {
  const one = { uid: 'a', title: 'Storage layer', tags: ['x', 'y'], folder: { uid: 'f', title: 'Team' }, provisioned: true, updated: '' };
  it('wants every word and every tag', () => {
    expect(search([one], 'stor team', ['x'])).toHaveLength(1);
    expect(search([one], 'stor nope', [])).toHaveLength(0);
    expect(search([one], '', ['z'])).toHaveLength(0);
  });
});

describe('readable', () => {
  it('is dark on light and light on dark', () => {
    expect(readable('#f2cc0c')).toBe('#14181d');
    expect(readable('rgb(10, 20, 120)')).toBe('#ffffff');
  });
});
