import type { Datasource } from '@/api/dashboards';
import type { DatasourceRef } from '@/features/dashboards/model/types';

/** Which panels show an annotation: only those, or all but those. */
export interface PanelFilter {
  exclude?: boolean;
  ids?: number[];
}

/** One entry of a dashboard's annotations.list, as Grafana keeps it. */
export interface AnnotationQueryJson {
  name?: string;
  enable?: boolean;
  hide?: boolean;
  builtIn?: number;
  iconColor?: string;
  type?: string;
  datasource?: DatasourceRef | string | null;
  expr?: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean | string;
  target?: { type?: string; tags?: string[]; limit?: number; matchAny?: boolean; expr?: string };
  filter?: PanelFilter;
}

/** Grafana's own store of annotations, by its reserved names. */
export const ownStore: DatasourceRef = { type: 'grafana', uid: '-- Grafana --' };

export type AnnotationKind = 'grafana' | 'prometheus' | 'loki' | 'other';

export function kindOf(annotation: AnnotationQueryJson, datasources: readonly Datasource[]): AnnotationKind {
  const { datasource } = annotation;
  const ref: DatasourceRef | null | undefined = typeof datasource === 'string' ? { uid: datasource } : datasource;
  if (annotation.builtIn === 1 || ref?.type === 'grafana' || ref?.uid === ownStore.uid || ref?.type === 'datasource') return 'grafana';
  const source = datasources.find((one) => one.uid === ref?.uid || one.name === ref?.uid);
  const dialect = source?.dialect ?? ref?.type ?? (ref === null || ref === undefined ? datasources.find((one) => one.default)?.dialect : undefined);
  return dialect === 'prometheus' || dialect === 'loki' ? dialect : 'other';
}

export function newAnnotation(kind: 'tags' | 'query', datasources: readonly Datasource[]): AnnotationQueryJson {
  if (kind === 'tags') return { name: 'Deploys', enable: true, iconColor: 'blue', datasource: ownStore, target: { type: 'tags', tags: ['deploy'], limit: 100, matchAny: false } };
  const source = datasources.find((one) => one.default) ?? datasources[0];
  return { name: 'Query', enable: true, iconColor: 'orange', ...(source === undefined ? {} : { datasource: { type: source.type, uid: source.uid } }), expr: '', titleFormat: '', textFormat: '', step: '60s' };
}

export function describeAnnotation(one: AnnotationQueryJson): string {
  const expr = one.expr ?? one.target?.expr;
  if (expr !== undefined && expr !== '') return expr;
  const tags = one.target?.tags ?? [];
  if (tags.length > 0) return `Tags ${tags.join(', ')}`;
  return one.builtIn === 1 ? 'Alerts, and annotations of this dashboard' : '';
}
