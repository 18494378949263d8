import { quoteLogql } from '@/lib/logql';
import { filtersOf, removeFilter } from '@/lib/logqlFilters';

/** What somebody typed who knows no LogQL, word by word. */
export interface SearchWord {
  /** Alternatives: any of them. */
  texts: string[];
  negate: boolean;
  /** Byte for byte, not ignoring case. */
  exact: boolean;
}

/**
 * Reads plain words: all of them must be in the line, ignoring case; "a phrase" is
 * taken as it stands; -word must not be there; a OR b is either.
 */
export function parseWords(text: string): SearchWord[] {
  const words: SearchWord[] = [];
  let alternative = false;
  for (const match of text.matchAll(/(-?)"((?:[^"\\]|\\.)*)"?|(\S+)/g)) {
    const bare = match[3];
    if (bare === 'OR') {
      alternative = words.length > 0;
      continue;
    }
    if (bare === 'AND') continue;
    const negate = bare === undefined ? match[1] === '-' : bare.length > 1 && bare.startsWith('-');
    const exact = bare === undefined;
    const word = bare === undefined ? (match[2] ?? '').replace(/\\(.)/g, '$1') : negate ? bare.slice(1) : bare;
    if (word === '') continue;
    const last = words.at(-1);
    if (alternative && last !== undefined && last.negate === negate && last.exact === exact) last.texts.push(word);
    else words.push({ texts: [word], negate, exact });
    alternative = false;
  }
  return words;
}

const special = /[.*+?^${}()|[\]\\]/g;

function filterOf({ texts, negate, exact }: SearchWord): string {
  if (exact && (texts.length === 1 || !negate)) return `${negate ? '!=' : '|='} ${texts.map(quoteLogql).join(' or ')}`;
  const alternatives = texts.map((text) => text.replace(special, '\\$&')).join('|');
  return `${negate ? '!~' : '|~'} ${quoteLogql(`${exact ? '' : '(?i)'}${alternatives}`)}`;
}

/** A regular expression that parseWords wrote, as its words; undefined for others. */
function wordsOf(expression: string): string[] | undefined {
  const body = expression.replace(/^\(\?i\)/, '');
  const parts: string[] = [''];
  for (let i = 0; i < body.length; i++) {
    const char = body[i] ?? '';
    if (char === '\\') {
      const next = body[++i];
      if (next === undefined || /\w/.test(next)) return undefined;
      parts[parts.length - 1] += next;
    } else if (char === '|') parts.push('');
    else if (/[.*+?^${}()[\]]/.test(char)) return undefined;
    else parts[parts.length - 1] += char;
  }
  return parts.some((part) => part === '') ? undefined : parts;
}

/** The words that a query's line filters stand for; filters that words cannot say are left out. */
export function wordsText(query: string): string {
  const phrases = lineFilters(query).flatMap(({ filter, words }) => {
    const quoted = !filter.operator.endsWith('~');
    const minus = filter.operator.startsWith('!') ? '-' : '';
    return [words.map((word) => minus + (quoted || /\s/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word)).join(' OR ')];
  });
  return phrases.join(' ');
}

function lineFilters(query: string) {
  return filtersOf(query).flatMap((filter) => {
    if (filter.kind !== 'line') return [];
    if (filter.operator === '|=' || filter.operator === '!=') return [{ filter, words: filter.value.split(' or ') }];
    if ((filter.operator === '|~' || filter.operator === '!~') && filter.value.startsWith('(?i)')) {
      const words = wordsOf(filter.value);
      return words === undefined || words.some((word) => /\s/.test(word)) ? [] : [{ filter, words }];
    }
    return [];
  });
}

/** The query with the line filters that words can say replaced by those of a text; all else stays. */
export function withWords(query: string, text: string): string {
  let rest = query;
  for (let first = lineFilters(rest)[0]; first !== undefined; first = lineFilters(rest)[0]) rest = removeFilter(rest, first.filter);
  const stages = parseWords(text).map(filterOf).join(' ');
  if (stages === '') return rest;
  const end = selectorEnd(rest);
  return end === undefined ? rest : `${rest.slice(0, end)} ${stages}${rest.slice(end)}`;
}

function selectorEnd(query: string): number | undefined {
  const matchers = filtersOf(query).filter((one) => one.kind === 'matcher');
  const at = query.indexOf('}', matchers.at(-1)?.to ?? 0);
  return at < 0 ? undefined : at + 1;
}
