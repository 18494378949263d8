import { type DataFrame, type DataLink, type Field, FieldType, formattedValueToString, getFieldDisplayName, type LinkModel, type ValueLinkConfig } from '@grafana/data';
import type { Datasource } from '@/api/dashboards';
import { appHref, exploreOf } from '@/features/dashboards/model/href';
import { TextValue } from '@/features/dashboards/model/scope';
import type { Scope } from '@/features/dashboards/model/variables';
import type { Quoting } from '@/features/dashboards/model/variableFormats';
import { stringifySearch } from '@/lib/search';
import type { ResolvedRange } from '@/lib/timeRange';

/** What links of values are made with. */
export interface LinkContext {
  /** Replaces the dashboard's variables, and those of one value, in a text. */
  replace: (text: string, scope: Scope, quoting: Quoting) => string;
  datasources: readonly Datasource[];
  range: ResolvedRange;
}

const maxLinks = 20;

/** The function that gives a field's links for one of its values; undefined when its configuration has none. */
export function linksOf(field: Field, frame: DataFrame, frames: DataFrame[], context: LinkContext): Field['getLinks'] {
  const links = (Array.isArray(field.config.links) ? field.config.links : []).slice(0, maxLinks);
  if (links.length === 0) return undefined;
  return (at: ValueLinkConfig) => {
    const scope = valueScope(field, frame, frames, at);
    return links.flatMap((link) => {
      const model = linkModel(link, field, scope, context);
      return model === undefined ? [] : [model];
    });
  };
}

function linkModel(link: DataLink, field: Field, scope: Scope, { replace, datasources, range }: LinkContext): LinkModel<Field> | undefined {
  const title = replace(link.title ?? '', scope, 'raw');
  const href = link.internal === undefined ? appHref(replace((link.url ?? '').replace(/\n/g, ''), scope, 'uri'), datasources) : internalHref(link.internal, scope, replace, datasources, range);
  if (href === undefined) return undefined;
  return { href, title: title === '' ? (link.internal?.datasourceName ?? '') : title, target: link.targetBlank === true ? '_blank' : '_self', origin: field };
}

/** A link to another signal: our Explore with the query, at the panel's time. */
function internalHref(internal: NonNullable<DataLink['internal']>, scope: Scope, replace: LinkContext['replace'], datasources: readonly Datasource[], range: ResolvedRange): string | undefined {
  const source = datasources.find((one) => one.uid === internal.datasourceUid) ?? datasources.find((one) => one.name === internal.datasourceName);
  const { expr, query } = internal.query as { expr?: unknown; query?: unknown };
  const text = [expr, query].find((one): one is string => typeof one === 'string');
  const place = text === undefined ? undefined : exploreOf(source?.dialect ?? '', replace(text, scope, 'raw'));
  return place && `${place.to}${stringifySearch({ ...place.search, from: Math.floor(range.from), to: Math.ceil(range.to) })}`;
}

/** ${__value...}, ${__data...}, ${__field...} and ${__series.name} of one value. */
export function valueScope(field: Field, frame: DataFrame, frames: DataFrame[], { valueRowIndex: row, calculatedValue }: ValueLinkConfig): Scope {
  const time = frame.fields.find((one) => one.type === FieldType.time);
  const ms = row === undefined ? undefined : (time?.values[row] as number | undefined);
  const value = calculatedValue === undefined ? (row === undefined ? undefined : textValue(field, row, ms)) : new TextValue(formattedValueToString(calculatedValue), calculatedValue.numeric, calculatedValue.numeric, ms);
  return {
    ...fieldScope(field, frame, frames),
    ...(value === undefined ? {} : { __value: value }),
    __data: { name: frame.name ?? '', refId: frame.refId ?? '', fields: row === undefined ? {} : rowFields(frame, frames, row, ms) },
  };
}

/** ${__field...} and ${__series.name}. */
export function fieldScope(field: Field, frame: DataFrame, frames: DataFrame[]): Scope {
  const displayName = getFieldDisplayName(field, frame, frames);
  return { __field: { name: field.name, displayName, label: displayName, labels: { ...field.labels } }, __series: { name: displayName } };
}

/** A row's values by the position, the name and the shown name of their fields. */
function rowFields(frame: DataFrame, frames: DataFrame[], row: number, ms: number | undefined): Record<string, TextValue> {
  const out: Record<string, TextValue> = {};
  frame.fields.forEach((field, index) => {
    const value = textValue(field, row, ms);
    for (const name of [String(index), getFieldDisplayName(field, frame, frames), field.name]) {
      if (name !== '__proto__' && !Object.hasOwn(out, name)) out[name] = value;
    }
  });
  return out;
}

function textValue(field: Field, row: number, ms: number | undefined): TextValue {
  const raw: unknown = field.values[row];
  const shown = field.display?.(raw);
  const plain = raw === null || raw === undefined ? '' : typeof raw === 'object' ? JSON.stringify(raw) : String(raw as string);
  return new TextValue(shown === undefined || field.type === FieldType.time ? plain : formattedValueToString(shown), raw, shown?.numeric ?? Number(raw), ms);
}
