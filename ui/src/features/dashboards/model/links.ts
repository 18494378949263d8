import type { Datasource } from '@/api/dashboards';
import { appHref } from '@/features/dashboards/model/href';
import { variableParams } from '@/features/dashboards/model/pageScope';
import type { LinkJson } from '@/features/dashboards/model/types';
import { interpolate, type Scope, type Variable } from '@/features/dashboards/model/variables';
import type { TimeRange } from '@/lib/timeRange';

export interface LinkFacts {
  range: TimeRange;
  variables: readonly Variable[];
  scope?: Scope;
  datasources?: readonly Datasource[];
}

/** What a link adds to an address: the time range and the variables, where it says so. */
export function linkParams({ keepTime, includeVars }: LinkJson, { range, variables }: LinkFacts): string {
  const time = keepTime === true ? `from=${encodeURIComponent(range.from)}&to=${encodeURIComponent(range.to)}` : '';
  return [time, includeVars === true ? variableParams(variables) : ''].filter((part) => part !== '').join('&');
}

/** An address with more parameters. */
export function withParams(href: string, params: string): string {
  if (params === '') return href;
  const [before = '', hash] = href.split('#', 2);
  return `${before}${before.includes('?') ? '&' : '?'}${params}${hash === undefined ? '' : `#${hash}`}`;
}

/** Where a link with an address leads; undefined when a reader may not follow it. */
export function linkHref(link: LinkJson, facts: LinkFacts): string | undefined {
  const { variables, scope = {}, datasources = [] } = facts;
  const href = appHref(interpolate(link.url ?? '', variables, scope, 'uri'), datasources);
  return href === undefined ? undefined : withParams(href, linkParams(link, facts));
}
