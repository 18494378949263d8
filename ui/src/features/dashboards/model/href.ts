import { safeHttp } from '@/lib/safeUrl';
import type { Datasource } from '@/api/dashboards';
import { exploreLogs, exploreMetrics, exploreTrace } from '@/lib/links';
import { parseSearch, stringifySearch } from '@/lib/search';

/**
 * The address of a dashboard's link as Pharos has it, undefined when it is not
 * one that a reader may follow: only http, https, mailto and paths of our own.
 * Grafana's own paths (/d/<uid>/..., /explore?...) lead to the same page here.
 */
export function appHref(url: string, datasources: readonly Datasource[] = []): string | undefined {
  const safe = safeHttp(url);
  if (safe === undefined || /^[a-z]+:/i.test(safe) || /^[?#]/.test(safe)) return safe;
  const path = safeHttp(safe.startsWith('/') ? safe : `/${safe}`);
  if (path === undefined) return undefined;
  const [before = '', hash = ''] = path.split('#', 2);
  const mark = before.indexOf('?');
  const route = mark < 0 ? before : before.slice(0, mark);
  const search = mark < 0 ? '' : before.slice(mark);
  const tail = hash === '' ? '' : `#${hash}`;
  const dashboard = /^\/d(?:-solo)?\/([^/]+)/.exec(route)?.[1];
  if (dashboard !== undefined) return `/dashboards/${dashboard}${panelSearch(search)}${tail}`;
  if (route === '/explore') return exploreHref(search, datasources) ?? path;
  return path;
}

/** ?viewPanel=3 of Grafana is ?panel=3 of ours. */
function panelSearch(search: string): string {
  if (!/[?&]viewPanel=/.test(search)) return search;
  const { viewPanel, ...rest } = parseSearch(search);
  const id = (Array.isArray(viewPanel) ? viewPanel[0] : viewPanel)?.replace(/^panel-/, '');
  return stringifySearch({ ...rest, panel: id });
}

interface ExplorePane {
  datasource?: string | null;
  queries?: { expr?: string; query?: string; datasource?: { type?: string; uid?: string } }[];
  range?: { from?: string; to?: string };
}

/** Grafana's Explore in its forms: ?left={...}, ?left=["now-1h","now",source,{...}] and ?panes={"a": {...}}. */
function exploreHref(search: string, datasources: readonly Datasource[]): string | undefined {
  const raw = parseSearch(search);
  const text = [raw.panes, raw.left].flat().find((one) => one !== undefined);
  if (text === undefined) return undefined;
  const pane = parsePane(text, raw.panes !== undefined);
  const query = pane?.queries?.find((one) => one.expr !== undefined || one.query !== undefined);
  const expr = query?.expr ?? query?.query;
  if (pane === undefined || expr === undefined) return undefined;
  const uid = query?.datasource?.uid ?? pane.datasource ?? '';
  const dialect = datasources.find((one) => one.uid === uid || one.name === uid)?.dialect ?? query?.datasource?.type ?? '';
  const place = exploreOf(dialect, expr);
  return place && `${place.to}${stringifySearch({ ...place.search, from: pane.range?.from, to: pane.range?.to })}`;
}

/** Our Explore for a query of a dialect. */
export function exploreOf(dialect: string, query: string) {
  switch (dialect) {
    case 'loki':
      return exploreLogs(query);
    case 'jaeger':
    case 'tempo':
    case 'zipkin':
      return exploreTrace(query.trim());
    case 'prometheus':
    case '':
      return exploreMetrics([query]);
    default:
      return undefined;
  }
}

function parsePane(text: string, many: boolean): ExplorePane | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (Array.isArray(json)) {
      const [from, to, datasource, ...queries] = json as unknown[];
      return { datasource: String(datasource), queries: queries.filter((one): one is { expr?: string } => typeof one === 'object' && one !== null), range: { from: String(from), to: String(to) } };
    }
    if (typeof json !== 'object' || json === null) return undefined;
    return many ? (Object.values(json)[0] as ExplorePane | undefined) : (json as ExplorePane);
  } catch {
    return undefined;
  }
}
