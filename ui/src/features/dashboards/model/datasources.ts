import type { Datasource } from '@/api/dashboards';
import type { DashboardJson, DatasourceRef } from '@/features/dashboards/model/types';
import { interpolate, selectedValues, type Variable } from '@/features/dashboards/model/variables';
import { dialectOfPlugin } from '@/features/dashboards/support';

/** Grafana's names for data sources that are none. */
export const mixed = '-- Mixed --';
export const dashboardSource = '-- Dashboard --';
export const grafanaSource = '-- Grafana --';
export const expressionSource = '__expr__';

/** Grafana's test data, which the page makes up: nobody declares a source of them. */
export const testdata: Datasource = { uid: '__testdata__', name: 'TestData', type: 'grafana-testdata-datasource', dialect: 'testdata', default: false };

/** Whether a uid is one of Grafana's names that ask no server. */
export function isNoSource(uid: string | undefined): boolean {
  return uid === mixed || uid === dashboardSource || uid === grafanaSource || uid === 'grafana' || uid === expressionSource;
}

/**
 * The data source that a reference names: by uid, by name, through a variable
 * (of the dashboard, or an input of an exported one), or the default. A uid of
 * another installation falls back to the source of the same type, because ours
 * all answer from the same store.
 */
export function resolveDatasource(
  ref: DatasourceRef | null | undefined,
  datasources: readonly Datasource[],
  variables: readonly Variable[] = [],
  inputs: DashboardJson['__inputs'] = [],
): Datasource | undefined {
  const ofType = (type: string | undefined): Datasource | undefined => {
    const same = datasources.filter((one) => one.type === type);
    const dialect = type === undefined ? undefined : dialectOfPlugin(type);
    const found = same.length > 0 || dialect === undefined ? same : datasources.filter((one) => one.dialect === dialect && one.proxy !== true);
    return found.find((one) => one.default) ?? found[0] ?? (dialect === testdata.dialect ? testdata : undefined);
  };
  const byDefault = datasources.find((one) => one.default);
  // Old files have a name in place of a reference.
  const asked = typeof ref === 'string' ? (ref as string) : ref?.uid;
  if (asked === undefined || asked === null || asked === '' || asked === 'default') return ofType(ref?.type) ?? byDefault;
  const name = nameOf(asked, variables);
  const found = datasources.find((one) => one.uid === name) ?? datasources.find((one) => one.name === name);
  if (found !== undefined) return found;
  const unresolved = /^\$\{?(\w+)\}?$/.exec(name)?.[1];
  if (unresolved !== undefined) {
    const input = inputs.find((one) => one.name === unresolved);
    return ofType(input?.pluginId) ?? ofType(ref?.type) ?? (ref?.type === undefined ? byDefault : undefined);
  }
  if (name === 'default') return ofType(ref?.type) ?? byDefault;
  return ofType(ref?.type);
}

/** The name after variables; of several values the first, as a panel asks one source. */
function nameOf(asked: string, variables: readonly Variable[]): string {
  const reference = /^(?:\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\])$/.exec(asked);
  const variable = variables.find((one) => one.name === (reference?.[1] ?? reference?.[2] ?? reference?.[3]));
  return (variable === undefined ? undefined : selectedValues(variable)[0]) ?? interpolate(asked, variables);
}
