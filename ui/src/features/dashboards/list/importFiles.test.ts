import { describe, expect, it } from 'vitest';
import { grouped } from '@/features/dashboards/list/CheckFindings';
import { candidatesOf } from '@/features/dashboards/list/importFiles';

function of(value: unknown) {
  return candidatesOf('a.json', typeof value === 'string' ? value : JSON.stringify(value));
}

describe('what can be imported', () => {
  it('finds one dashboard, Grafana’s envelope, a resource, and several in one file', () => {
    expect(of({ title: 'A', panels: [{ type: 'stat' }, { type: 'row', panels: [{ type: 'timeseries' }] }] })).toMatchObject([{ title: 'A', panels: 2 }]);
    expect(of({ meta: {}, dashboard: { title: 'B', panels: [] } })).toMatchObject([{ title: 'B', dashboard: { title: 'B' } }]);
    expect(of({ apiVersion: 'dashboard.grafana.app/v2', spec: { title: 'C', elements: { a: {}, b: {} } } })).toMatchObject([{ title: 'C', panels: 2 }]);
    expect(of({ dashboards: [{ title: 'D', panels: [] }, { title: 'E', panels: [] }] }).map((one) => one.title)).toEqual(['D', 'E']);
    expect(of({ title: 'Old', rows: [{ panels: [{ type: 'graph' }] }] })).toMatchObject([{ panels: 1 }]);
  });

  it('says why something cannot be imported', () => {
    expect(of('{"title": ')[0]?.problem).toMatch(/Line 1/);
    expect(of('[]')[0]?.problem).toMatch(/no dashboard/);
    expect(of({ hello: 1 })[0]?.problem).toMatch(/no title/);
    expect(of('7')[0]?.problem).toMatch(/not a dashboard/);
    expect(of(`"${'x'.repeat(9_000_000)}"`)[0]?.problem).toMatch(/Larger/);
  });
});

describe('findings of the server’s check', () => {
  it('are one line each, however many panels have them, and what is not drawn comes first', () => {
    const lines = grouped([
      { level: 'note', what: 'n' },
      { level: 'feature', panel: 1, title: 'A', what: 'override' },
      { level: 'panel', panel: 2, title: 'B', what: 'type "news"', do: 'use text' },
      { level: 'panel', panel: 3, title: 'C', what: 'type "geomap"' },
      { level: 'panel', panel: 4, title: 'D', what: 'type "geomap"' },
    ]);
    expect(lines.map(({ text, count }) => [text, count])).toEqual([['B: type "news"', 1], ['type "geomap"', 2], ['A: override', 1], ['n', 1]]);
  });
});
