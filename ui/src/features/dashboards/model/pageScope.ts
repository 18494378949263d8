import type { DashboardJson } from '@/features/dashboards/model/types';
import { TextValue } from '@/features/dashboards/model/scope';
import { allToken, type Scope, type Variable } from '@/features/dashboards/model/variables';
import { parseSearch, type RawSearch, stringifySearch } from '@/lib/search';

export interface PageFacts {
  dashboard: DashboardJson;
  variables: readonly Variable[];
  /** With its question mark. */
  search: string;
  path: string;
  user: { name: string; tenant: string } | undefined;
}

/** ${__dashboard}, ${__user.login}, ${__org.name}, ${__url.params}, ${__url_time_range}, ${__all_variables}, ${__timezone}. */
export function pageScope({ dashboard, variables, search, path, user }: PageFacts): Scope {
  const raw = parseSearch(search);
  return {
    __dashboard: named(dashboard.title, { uid: dashboard.uid ?? '', name: dashboard.title, title: dashboard.title }),
    ...(user === undefined ? {} : { __user: named(user.name, { id: user.name, login: user.name, name: user.name, email: user.name.includes('@') ? user.name : '' }), __org: named(user.tenant, { id: user.tenant, name: user.tenant }) }),
    __url: named(`${path}${search}`, { path, params: search, ...raw }),
    __url_time_range: stringifySearch({ from: raw.from, to: raw.to }).slice(1),
    __all_variables: variableParams(variables),
    __timezone: dashboard.timezone === undefined || dashboard.timezone === '' || dashboard.timezone === 'browser' ? Intl.DateTimeFormat().resolvedOptions().timeZone : dashboard.timezone,
  };
}

/** A value that has parts, and a text when none is asked for. */
function named(text: string, parts: Record<string, unknown>): TextValue {
  return Object.assign(new TextValue(text, text, Number.NaN), parts);
}

/** The variables as a URL keeps them: var-a=1&var-b=2; those that a URL must not know are left out. */
export function variableParams(variables: readonly Variable[]): string {
  const search: RawSearch = {};
  for (const { name, type, current, skipUrlSync } of variables) {
    if (type === 'constant' || skipUrlSync === true) continue;
    search[`var-${name}`] = current.length === 0 ? '' : current.map((value) => (value === allToken ? 'All' : value));
  }
  return stringifySearch(search).slice(1);
}
