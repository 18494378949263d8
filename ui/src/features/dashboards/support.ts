// What is supported, and what is said of the rest: the list that `pharos dashboards check` reads too.
import support from '../../../../dashboards/support.json';

interface Refusal {
  why: string;
  do: string;
}

type Refusals = Readonly<Record<string, Refusal>>;

/** Why a panel kind is not drawn and what to use instead, in sentences. */
export function refusedPanel(type: string): string {
  return sentences(refusalIn(support.panels.refused, type, support.unknown.panel));
}

/** The same of a library panel whose model is not in the dashboard. */
export function missingLibraryPanel(): string {
  return sentences(support.unknown['library panel']);
}

/** The same of a transformation. */
export function refusedTransformation(id: string): string {
  return sentences(refusalIn(support.transformations.refused, id, support.unknown.transformation));
}

/** The same of a kind of query of a dialect ("elasticsearch"). */
export function refusedQuery(dialect: string, kind: string): string {
  const known: Readonly<Record<string, { refused: Refusals }>> = support.queries;
  return sentences(refusalIn(Object.hasOwn(known, dialect) ? (known[dialect]?.refused ?? {}) : {}, kind, support.unknown.query));
}

/** The same of a type of data source; of none when nothing names its type. */
export function refusedDatasource(type: string | undefined): string {
  if (type === undefined || type === '') return sentences(support.unknown['nameless datasource']);
  const refused = Object.fromEntries(Object.entries(support.datasources).flatMap(([name, one]) => ('why' in one ? [[name, one]] : [])));
  return sentences(refusalIn(refused, type, support.unknown.datasource));
}

/** The same of a type of variables. */
export function refusedVariable(type: string): string {
  return sentences(refusalIn(support.variables.refused, type, support.unknown.variable));
}

/** Why a type of variables does not work on a dialect; undefined when it does. */
export function limitedVariable(type: string, dialect: string): string | undefined {
  const limits: Readonly<Record<string, Refusal & { dialects: string[] }>> = support.variables.limited;
  const limit = Object.hasOwn(limits, type) ? limits[type] : undefined;
  return limit === undefined || limit.dialects.includes(dialect) ? undefined : sentences(limit);
}

/** The dialect in which the data sources of a plugin are asked; undefined when Pharos answers none of it. */
export function dialectOfPlugin(type: string): string | undefined {
  const known: Readonly<Record<string, object>> = support.datasources;
  const one = Object.hasOwn(known, type) ? known[type] : undefined;
  return one !== undefined && 'dialect' in one && typeof one.dialect === 'string' ? one.dialect : undefined;
}

function refusalIn(refused: Refusals, word: string, unknown: Refusal): Refusal {
  return (Object.hasOwn(refused, word) ? refused[word] : undefined) ?? unknown;
}

function sentences(refusal: Refusal): string {
  return `${sentence(refusal.why)} ${sentence(refusal.do)}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
