import { createContext, useContext } from 'react';
import type { Place } from '@/lib/links';
import type { RawSearch } from '@/lib/search';

/**
 * The prefix of the search parameters of a part of a page: "r." for the right one of
 * two panes, none for everything else. useSearchState reads and writes below it, so
 * that a view need not know where it stands.
 */
export const SearchScope = createContext('');

export function useSearchScope(): string {
  return useContext(SearchScope);
}

/** The prefix of Explore's right pane. */
export const rightPane = 'r.';

/** Parameters that panes share unless the right one has its own time. */
const timeNames = ['from', 'to', 'refresh'];

/** The parameters of a scope, without its prefix. */
export function within(raw: RawSearch, scope: string): RawSearch {
  if (scope === '') return raw;
  return Object.fromEntries(Object.entries(raw).flatMap(([name, value]) => (name.startsWith(scope) ? [[name.slice(scope.length), value]] : [])));
}

/** Parameters with a scope's prefix. */
export function prefixed(raw: RawSearch, scope: string): RawSearch {
  return scope === '' ? raw : Object.fromEntries(Object.entries(raw).map(([name, value]) => [scope + name, value]));
}

/**
 * The search that a link to a place leads to from inside a scope: while Explore is
 * split, links to Explore change their own pane and leave the other as it is.
 */
export function searchOf(place: Place, scope: string, before: RawSearch): RawSearch {
  if (place.to !== '/explore' || before.split !== '1') return place.search;
  const own = scope !== '' && before.unlinked === '1';
  const next: RawSearch = { split: '1', unlinked: before.unlinked };
  for (const [name, value] of Object.entries(before)) {
    const right = name.startsWith(rightPane);
    const time = timeNames.includes(right ? name.slice(rightPane.length) : name);
    if (time || right !== (scope !== '')) next[name] = value;
  }
  for (const [name, value] of Object.entries(place.search)) next[timeNames.includes(name) && !own ? name : scope + name] = value;
  return next;
}
