import { describe, expect, it } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { isNoSource, resolveDatasource } from '@/features/dashboards/model/datasources';

const prom: Datasource = { uid: 'p1', name: 'Prometheus', type: 'prometheus', dialect: 'prometheus', default: true };
const loki: Datasource = { uid: 'l1', name: 'Loki', type: 'loki', dialect: 'loki', default: false };
const ds = { name: 'ds', label: 'ds', type: 'datasource', hide: 0, multi: false, includeAll: false, allValue: undefined, options: [], current: ['l1'] };

describe('resolveDatasource', () => {
  it.each([
    ['by uid', { uid: 'l1' }, 'l1'],
    ['by name', { uid: 'Loki' }, 'l1'],
    ['the default', null, 'p1'],
    ['the default of a type', { type: 'loki' }, 'l1'],
    ['through a variable', { uid: '$ds' }, 'l1'],
    ['through a variable in braces', { type: 'prometheus', uid: '${ds}' }, 'l1'],
    ['through an input of an export', { uid: '${DS_X}' }, 'l1'],
    ['of another installation by its type', { type: 'loki', uid: 'P8E80F9AEF21F6940' }, 'l1'],
    ['of a kin of one that is here', { type: 'grafana-amazonprometheus-datasource', uid: 'aws' }, 'p1'],
    ['not what it does not know', { type: 'influxdb', uid: 'zzz' }, undefined],
    ['not a name without a type', { uid: 'zzz' }, undefined],
  ])('finds %s', (_, ref, want) => {
    expect(resolveDatasource(ref, [prom, loki], [ds], [{ name: 'DS_X', pluginId: 'loki' }])?.uid).toBe(want);
  });

  it('takes the first of several values, and names in place of references', () => {
    expect(resolveDatasource({ uid: '${many}' }, [prom, loki], [{ ...ds, name: 'many', multi: true, current: ['l1', 'p1'] }])?.uid).toBe('l1');
    expect(resolveDatasource('Loki' as never, [prom, loki])?.uid).toBe('l1');
    expect(resolveDatasource({ uid: 'aws', type: 'grafana-opensearch-datasource' }, [prom, { ...prom, uid: 'e', type: 'elasticsearch', dialect: 'elasticsearch', default: false }])?.uid).toBe('e');
    expect(isNoSource('-- Mixed --')).toBe(true);
  });
});
