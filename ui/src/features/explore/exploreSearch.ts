import { boolParam, defineSearch, enumParam, listParam, numberParam, stringParam } from '@/lib/search';

export const exploreTabs = ['metrics', 'logs', 'traces'] as const;
export type ExploreTab = (typeof exploreTabs)[number];

/** Explore's state in the URL. lib/links.ts writes the same names. */
export const exploreSearch = defineSearch({ tab: enumParam(exploreTabs, 'metrics') });

export const metricsSearch = defineSearch({
  /** PromQL expressions, in the order of their rows. */
  expr: listParam(),
  view: enumParam(['graph', 'table'], 'graph'),
  draw: enumParam(['lines', 'area', 'stacked', 'bars'], 'lines'),
  /** Seconds; 0 is chosen from the range. */
  step: numberParam(0, 0, 86_400 * 7),
});

export const logsSearch = defineSearch({
  logql: stringParam(),
  order: enumParam(['newest', 'oldest'], 'newest'),
  wrap: boolParam(true),
  /** A JSON line's message alone, or the whole line. */
  show: enumParam(['message', 'line'], 'message'),
  /** How the query is evaluated is shown too. */
  plan: boolParam(false),
});

export const tracesSearch = defineSearch({
  service: stringParam(),
  operation: stringParam(),
  /** "key=value key2=value2", values quoted when they hold spaces. */
  tags: stringParam(),
  min: stringParam(),
  max: stringParam(),
  limit: numberParam(20, 1, 1500),
  /** A trace id opens that trace instead of the results. */
  trace: stringParam(),
  span: stringParam(),
});
