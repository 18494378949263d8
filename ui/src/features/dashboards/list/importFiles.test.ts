import { describe, expect, it } from 'vitest';
import { candidatesOf } from '@/features/dashboards/list/importFiles';

const drawn = (type: string) => ['timeseries', 'stat'].includes(type);
const transforms = (id: string) => id === 'reduce';

function of(value: unknown) {
  return candidatesOf('a.json', typeof value === 'string' ? value : JSON.stringify(value), drawn, transforms);
}

describe('what can be imported', () => {
  it('finds one dashboard, Grafana’s envelope, a resource, and several in one file', () => {
    expect(of({ title: 'A', panels: [{ type: 'stat' }, { type: 'row', panels: [{ type: 'timeseries' }] }] })).toMatchObject([{ title: 'A', panels: 2, findings: [] }]);
    expect(of({ meta: {}, dashboard: { title: 'B', panels: [] } })).toMatchObject([{ title: 'B', dashboard: { title: 'B' } }]);
    expect(of({ apiVersion: 'dashboard.grafana.app/v2', spec: { title: 'C', elements: { a: {}, b: {} } } })).toMatchObject([{ title: 'C', panels: 2 }]);
    expect(of({ dashboards: [{ title: 'D', panels: [] }, { title: 'E', panels: [] }] }).map((one) => one.title)).toEqual(['D', 'E']);
    expect(of({ title: 'Old', rows: [{ panels: [{ type: 'graph' }] }] })).toMatchObject([{ panels: 1, findings: [] }]);
  });

  it('says what will not be shown', () => {
    const [found] = of({ title: 'A', panels: [{ type: 'geomap' }, { type: 'geomap' }, { libraryPanel: { uid: 'x' }, type: 'x' }, { type: 'stat', transformations: [{ id: 'magic' }, { id: 'reduce' }] }] });
    expect(found?.findings).toEqual(['Panel type “geomap” is not drawn (2×)', 'Library panel without its model', 'Transformation “magic” is not supported']);
  });

  it('says why something cannot be imported', () => {
    expect(of('{"title": ')[0]?.problem).toMatch(/Line 1/);
    expect(of('[]')[0]?.problem).toMatch(/no dashboard/);
    expect(of({ hello: 1 })[0]?.problem).toMatch(/no title/);
    expect(of('7')[0]?.problem).toMatch(/not a dashboard/);
    expect(of(`"${'x'.repeat(9_000_000)}"`)[0]?.problem).toMatch(/Larger/);
  });
});
