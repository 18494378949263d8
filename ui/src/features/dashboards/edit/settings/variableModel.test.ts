import { describe, expect, it } from 'vitest';
import { isSwitchOn, newVariable, switchValues, withSwitchOn, withSwitchValues, withType } from '@/features/dashboards/edit/settings/variableModel';
import { variableOrder } from '@/features/dashboards/edit/settings/variableOrder';

const datasources = [{ uid: 'prom', name: 'Metrics', type: 'prometheus', dialect: 'prometheus', default: true, proxy: false }] as never;

describe('a switch', () => {
  it('has two values in both shapes of Grafana', () => {
    const off = newVariable('switch', [], datasources);
    expect(switchValues(off)).toEqual({ on: 'true', off: 'false' });
    expect(isSwitchOn(off)).toBe(false);
    const on = withSwitchValues(withSwitchOn(off, true), '1', '0');
    expect(on).toMatchObject({ enabledValue: '1', disabledValue: '0', current: { value: '1' }, options: [{ value: '1', selected: true }, { value: '0', selected: false }] });
    expect(switchValues({ name: 's', type: 'switch', options: [{ value: 'yes' }, { value: 'no' }] })).toEqual({ on: 'yes', off: 'no' });
  });
});

describe('another type', () => {
  it('keeps name, label and what both types know', () => {
    const custom = { name: 'a', label: 'A', type: 'custom', query: '1m,5m', hide: 1 };
    expect(withType(custom, 'interval', datasources)).toMatchObject({ name: 'a', label: 'A', type: 'interval', query: '1m,5m', hide: 1 });
    expect(withType(custom, 'groupby', datasources)).toMatchObject({ name: 'a', type: 'groupby', multi: true, datasource: { uid: 'prom' } });
    expect(withType(custom, 'groupby', datasources)).not.toHaveProperty('query');
  });
});

describe('the order of loading', () => {
  const of = (name: string, query: string) => ({ name, type: 'query', query });
  it('has steps, and what each needs', () => {
    const order = variableOrder([of('c', 'x{a="$a",b="${b:regex}"}'), of('a', 'x'), of('b', '[[a]]'), of('d', 'y')]);
    expect(order.steps).toEqual([['a', 'd'], ['b'], ['c']]);
    expect(order.needs.get('c')).toEqual(['a', 'b']);
    expect(order.circles).toEqual([]);
  });
  it('takes a variable that names itself for none: it reads its own last value', () => {
    expect(variableOrder([of('a', '$a')])).toMatchObject({ circles: [], steps: [['a']] });
  });
  it('names a circle once', () => {
    const order = variableOrder([of('a', '$b'), of('b', '$c'), of('c', '$a'), of('d', '$a')]);
    expect(order.circles).toEqual([['a', 'b', 'c', 'a']]);
    expect(order.steps).toEqual([['d']]);
  });
});
