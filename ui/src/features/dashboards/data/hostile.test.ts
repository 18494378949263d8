import { describe, expect, it } from 'vitest';
import { parseMath } from '@/features/dashboards/data/expressions/math';
import { filterLogql } from '@/features/dashboards/data/filters/logql';
import { filterPromql } from '@/features/dashboards/data/filters/promql';
import { formatFilter, parseFilter } from '@/features/dashboards/model/adhoc';
import { appHref } from '@/features/dashboards/model/href';
import { customOptions, filterOptions, interpolate, parseRegex } from '@/features/dashboards/model/variables';
import { parseRelative } from '@/lib/dateMath';

/** The same numbers each time: a failure can be looked at. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pieces = ['$A', '${B}', '(', ')', '+', '-', '**', '&&', '!', '1e5', '0x', 'abs', ',', '{', '}', '"', "'", '\\', '`', '[', ']', '[[', ']]', '${', ':', '|', '=~', 'a="b"', 'sum by', 'rate', '[5m]', 'javascript:', '//', '/d/x', '?', '#', '%', '\u0000', '\t', '🙂', 'now', '-1d', '/fy', '__proto__', 'constructor', '__gfp__', '(?<text>', '.*+'];

const corpus = Array.from({ length: 3000 }, (_, index) => {
  const next = random(index + 1);
  return Array.from({ length: 1 + Math.floor(next() * 14) }, () => pieces[Math.floor(next() * pieces.length)] ?? '').join(next() < 0.5 ? '' : ' ');
});

/** What a reading does with a text: its result, or an error in words; anything else fails the test. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    expect(cause).toBeInstanceOf(Error);
    expect((cause as Error).message).not.toMatch(/undefined|not a function|Cannot read/);
    return undefined;
  }
}

describe('texts of files and addresses', () => {
  it('are read or refused in words', () => {
    for (const text of corpus) {
      outcome(() => parseMath(text));
      outcome(() => interpolate(text, [], { A: { a: 1 } }, 'uri'));
      outcome(() => customOptions(text));
      outcome(() => filterOptions([text, 'a'], text));
      outcome(() => parseRegex(text));
      outcome(() => parseRelative(text, 0));
    }
  });

  it('never become an address that runs scripts', () => {
    for (const text of corpus) {
      const href = outcome(() => appHref(text));
      if (typeof href === 'string') expect(new URL(href, 'https://here.example/').protocol).toMatch(/^(https?|mailto):$/);
      if (typeof href === 'string' && !/^(https?|mailto):/i.test(href)) expect(new URL(href, 'https://here.example/').origin).toBe('https://here.example');
    }
  });

  it('come back from the address as the filters they were', () => {
    // Grafana's own escapes mean what they stand for.
    for (const text of corpus.filter((one) => !one.includes('__gfp__'))) {
      const filter = { key: text, operator: '=', value: text.toUpperCase() };
      expect(parseFilter(formatFilter(filter))).toEqual(filter);
    }
  });

  it('that are values of filters stay inside their strings', () => {
    for (const text of corpus) {
      const prom = filterPromql('sum(up)', [{ key: 'a', operator: '=', value: text }]);
      expect(prom).toBe(`sum(up{a=${JSON.stringify(text)}})`);
      const filtered = filterLogql('{b="c"}', [{ key: 'a', operator: '=', value: text }]);
      expect(filtered).toBe(`{b="c", a=${JSON.stringify(text)}}`);
      outcome(() => filterPromql(text, [{ key: 'a', operator: '=', value: 'b' }]));
      outcome(() => filterLogql(text, [{ key: 'a', operator: '=', value: 'b' }]));
    }
  });
});
