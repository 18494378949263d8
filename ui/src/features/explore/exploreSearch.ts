import { boolParam, defineSearch, enumParam, listParam, numberParam, stringParam } from '@/lib/search';

export const exploreTabs = ['metrics', 'logs', 'traces'] as const;
export type ExploreTab = (typeof exploreTabs)[number];

/** A pane's signal. lib/links.ts writes the same names. */
export const exploreSearch = defineSearch({ tab: enumParam(exploreTabs, 'metrics') });

/** Two panes side by side: the right one's parameters have a prefix (lib/searchScope.ts). */
export const splitSearch = defineSearch({
  split: boolParam(),
  /** The right pane has a time range of its own. */
  unlinked: boolParam(),
});

export const metricsSearch = defineSearch({
  /** PromQL expressions, in the order of their rows. */
  expr: listParam(),
  view: enumParam(['graph', 'table'], 'graph'),
  draw: enumParam(['lines', 'area', 'stacked', 'bars'], 'lines'),
  /** Seconds; 0 is chosen from the range. */
  step: numberParam(0, 0, 86_400 * 7),
  /** What is shown while nothing is asked: the metrics, or what they cost. */
  browse: enumParam(['metrics', 'cost'], 'metrics'),
  /** The metric that is looked at, and the label that it is broken down by. */
  metric: stringParam(),
  by: stringParam(),
  /** Matchers of the metric: 'job="a"'. */
  match: listParam(),
  /** What is searched among metrics. */
  find: stringParam(),
  /** The query in words is shown too. */
  words: boolParam(),
});

export const logsSearch = defineSearch({
  logql: stringParam(),
  order: enumParam(['newest', 'oldest'], 'newest'),
  wrap: boolParam(true),
  /** A JSON line's message alone, or the whole line. */
  show: enumParam(['message', 'line'], 'message'),
  /** How the query is evaluated is shown too. */
  plan: boolParam(false),
  /** Plain words instead of LogQL. */
  mode: enumParam(['logql', 'words'], 'logql'),
  view: enumParam(['lines', 'table', 'patterns'], 'lines'),
  /** Fields that are columns, in their order, with widths: "status:120". */
  cols: listParam(),
  /** The list of fields is shown. */
  fields: boolParam(true),
  words: boolParam(),
});

export const tracesSearch = defineSearch({
  service: stringParam(),
  operation: stringParam(),
  /** "key=value key2=value2", values quoted when they hold spaces. */
  tags: stringParam(),
  min: stringParam(),
  max: stringParam(),
  limit: numberParam(20, 1, 1500),
  /** TraceQL: it wins over the form. */
  traceql: stringParam(),
  mode: enumParam(['form', 'builder', 'traceql'], 'form'),
  /** A trace id opens that trace instead of the results. */
  trace: stringParam(),
  span: stringParam(),
});
