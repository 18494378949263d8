import { selectedValues, type Variable } from '@/features/dashboards/model/variables';
import type { AdhocFilter } from '@/features/dashboards/model/types';

/** The operators of ad hoc filters, in the order in which the bar offers them. */
export const adhocOperators = ['=', '!=', '=~', '!~', '<', '>', '=|', '!=|'] as const;

/** What each operator means, for the bar and for screen readers. */
export const operatorNames: Readonly<Record<string, string>> = {
  '=': 'equals',
  '!=': 'is not',
  '=~': 'matches',
  '!~': 'does not match',
  '<': 'is less than',
  '>': 'is greater than',
  '=|': 'is one of',
  '!=|': 'is none of',
};

export function isManyOperator(operator: string): boolean {
  return operator === '=|' || operator === '!=|';
}

/** A filter as Grafana's URLs have it: key|operator|value, with more values behind for "one of". */
export function formatFilter({ key, operator, value, values }: AdhocFilter): string {
  const parts = isManyOperator(operator) ? [key, operator, ...(values ?? [value])] : [key, operator, value];
  return parts.map(escapePart).join('|');
}

/** Reads formatFilter's text; undefined when it is none. Shown names behind commas and origins behind # are left out. */
export function parseFilter(text: string): AdhocFilter | undefined {
  const [key, operator, ...rest] = (text.split('#')[0] ?? '').split('|').map((part) => unescapePart(part.split(',')[0] ?? ''));
  if (key === undefined || key === '' || operator === undefined || !(adhocOperators as readonly string[]).includes(operator) || rest.length === 0) return undefined;
  return isManyOperator(operator) ? { key, operator, value: rest[0] ?? '', values: rest } : { key, operator, value: rest[0] ?? '' };
}

function escapePart(part: string): string {
  return part.replaceAll('|', '__gfp__').replaceAll('#', '__gfh__').replaceAll(',', '__gfc__');
}

function unescapePart(part: string): string {
  return part.replaceAll('__gfp__', '|').replaceAll('__gfh__', '#').replaceAll('__gfc__', ',');
}

/** The filters that an ad hoc variable has now. */
export function filtersOf(variable: Variable): AdhocFilter[] {
  return variable.current.flatMap((text) => parseFilter(text) ?? []);
}

/** The filters that apply to the queries of a data source, each once. */
export function filtersFor(variables: readonly Variable[], datasourceUid: string): AdhocFilter[] {
  const all = variables.flatMap((variable) => (variable.type === 'adhoc' && variable.datasource === datasourceUid ? [...(variable.baseFilters ?? []), ...filtersOf(variable)] : []));
  const complete = all.filter(({ key, operator, value }) => key !== '' && operator !== '' && (value !== '' || operator === '=' || operator === '!='));
  return [...new Map(complete.map((one) => [formatFilter(one), one])).values()];
}

/** The labels by which a group-by variable of a data source groups its queries. */
export function groupingFor(variables: readonly Variable[], datasourceUid: string): string[] {
  return variables.flatMap((variable) => (variable.type === 'groupby' && variable.datasource === datasourceUid ? selectedValues(variable) : []));
}

/** The variable's values with one more filter; the same key and value with the opposite operator gives way to it. */
export function withFilter(variable: Variable, key: string, operator: string, value: string): string[] {
  const kept = filtersOf(variable).filter((one) => one.key !== key || one.value !== value || isManyOperator(one.operator));
  return [...kept, { key, operator, value }].map(formatFilter);
}
