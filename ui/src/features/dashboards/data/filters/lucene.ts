import type { AdhocFilter } from '@/features/dashboards/model/types';

/** A Lucene query narrowed by the filters. */
export function filterLucene(query: string, filters: readonly AdhocFilter[]): string {
  const clauses = filters.map(clause);
  const own = query.trim();
  if (own === '' || own === '*') return clauses.length === 0 ? query : clauses.join(' AND ');
  return clauses.length === 0 ? query : [`(${own})`, ...clauses].join(' AND ');
}

function clause({ key, operator, value, values }: AdhocFilter): string {
  const field = key.replace(/([\s:\\()"[\]{}^~*?/+!&|])/g, '\\$1');
  const many = (values ?? [value]).map(quoted).join(' OR ');
  switch (operator) {
    case '!=':
      return `-${field}:${quoted(value)}`;
    case '=~':
      return `${field}:/${value.replaceAll('/', '\\/')}/`;
    case '!~':
      return `-${field}:/${value.replaceAll('/', '\\/')}/`;
    case '>':
    case '<':
      return `${field}:${operator}${value.replace(/[\s()"]/g, '\\$&')}`;
    case '=|':
      return `${field}:(${many})`;
    case '!=|':
      return `-${field}:(${many})`;
    default:
      return `${field}:${quoted(value)}`;
  }
}

function quoted(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}
