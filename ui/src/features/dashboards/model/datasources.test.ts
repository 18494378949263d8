import { describe, expect, it } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { resolveDatasource } from '@/features/dashboards/model/datasources';

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
    ['not what it does not know', { type: 'influxdb', uid: 'zzz' }, undefined],
    ['not a name without a type', { uid: 'zzz' }, undefined],
  ])('finds %s', (_, ref, want) => {
    expect(resolveDatasource(ref, [prom, loki], [ds], [{ name: 'DS_X', pluginId: 'loki' }])?.uid).toBe(want);
  });
});
