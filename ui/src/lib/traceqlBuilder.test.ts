import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPlainValue, isTraceField, renderTraceql, type TraceVisual } from '@/lib/traceqlBuilder';
import { parseTraceql } from '@/lib/traceqlReader';
import { canonicalTraceql, traceqlTree } from '@/lib/traceqlTree';

function visualOf(query: string): TraceVisual {
  const result = parseTraceql(query);
  if (!('visual' in result)) throw new Error(`${query}: ${result.reason}`);
  return result.visual;
}

const canonical = (query: string) => canonicalTraceql(traceqlTree(query));

describe('the tree of TraceQL', () => {
  // The server's own tests print each query with all its parentheses.
  const script = readFileSync(join(process.cwd(), '../traces/traceql/testdata/syntax.test'), 'utf8');
  const printed = [...script.matchAll(/^prints `([^`]+)`\n {2}(.+)$/gm)].map(([, query = '', whole = '']) => ({ query, whole }));

  it('binds as the server does', () => {
    expect(printed.length).toBeGreaterThan(8);
    // Values are written anew by the server: 1h30m becomes 1h30m0s.
    const shape = (query: string) => canonical(query).replace(/literal:\S*?(?=[ )]|$)/g, 'literal').replace(/field:(span:|trace:)?(\w+)/g, 'field');
    for (const { query, whole } of printed) if (!query.startsWith('rate')) expect(shape(query), query).toBe(shape(whole));
  });

  it('refuses what the server refuses', () => {
    for (const query of ['{ } | rate() | by(.a)', '{ } | topk(3)', '{ } | count()', '{ } | rate() by ()', '{ .a = 1 } with(exemplars)', '({ } | rate()) % 2', '{ .a ! = 1 }']) expect(() => traceqlTree(query), query).toThrow();
  });
});

describe('the TraceQL builder', () => {
  it('reads and writes what it shows', () => {
    const queries = [
      '{ }',
      '{ resource.service.name = "api" && span.http.status_code >= 500 }',
      '{ duration > 1.5s || status = error } && { .cache = true }',
      '{ (.a = 1 || .b = 2) && .c != nil }',
      '{ .a = 1 || .b = 2 && .c = 3 }',
      '{ name =~ "GET .*" } >> { kind = client && !(span:status = ok) }',
      '{ .a = 1 } && { .b = 1 } > { .c = 1 }',
      '({ .a = 1 } && { .b = 1 }) > { .c = 1 }',
      '{ .a = 1 } > ({ .b = 1 } !>> { .c = 1 }) &~ { }',
      '({ .a = 1 } | count() > 2) && { .b != nil }',
      '{ } | avg(duration) > 20ms | by(resource.service.name) | coalesce()',
      '{ } | count() + 1 > 2 * 3',
      '{ resource.service.name = "$service" && duration > ${min} } | rate() by (name, span.http.route)',
      '{ } | quantile_over_time(duration, 0.9, .99) by (resource.cluster) | topk(5)',
      '{ } | rate() by (name) > 5 / 60',
      '{ } | max_over_time(span.size * 2) >= -3',
      '{ span."odd name" = `ra\\w` } | select(span.x, resource.y)',
      '{ status = error } | compare({ .x = 1 || .y = 2 }, 5)',
      '{ } | histogram_over_time(duration) with (exemplars=true)',
      '{ trace:duration > 1h && event.exception.message != "" && parent.span.a = -1 }',
      '{ .a = .b && 2 < .c && .d + 1 = 3 }',
      '{ status = error } | { .a = 1 } >> { .b = 2 } | count() >= 1',
      '{ event:name = "say \\"no\\"" && link:spanID = "00" }',
      'rate()',
    ];
    for (const query of queries) {
      const again = renderTraceql(visualOf(query));
      expect(canonical(again), query).toBe(canonical(query === 'rate()' ? '{ } | rate()' : query));
      expect(visualOf(again), query).toEqual(visualOf(query));
    }
  });

  it('keeps conditions apart that have a form', () => {
    expect(visualOf('{ .a = "x" && (status = error || .b > 3) }').spans.first).toEqual({
      kind: 'filter',
      where: {
        kind: 'group',
        join: '&&',
        items: [
          { kind: 'condition', field: '.a', op: '=', value: 'x', quoted: true },
          { kind: 'group', join: '||', items: [{ kind: 'condition', field: 'status', op: '=', value: 'error', quoted: false }, { kind: 'condition', field: '.b', op: '>', value: '3', quoted: false }] },
        ],
      },
    });
    expect(visualOf('{ !.a }').spans.first).toEqual({ kind: 'filter', where: { kind: 'group', join: '&&', items: [{ kind: 'text', text: '!.a' }] } });
  });

  it('leaves out what is not written yet, so that the query always reads', () => {
    const visual = visualOf('{ .a = 1 } | rate()');
    const where = { kind: 'group' as const, join: '&&' as const, items: [{ kind: 'condition' as const, field: 'http.method', op: '=' as const, value: 'GET', quoted: true }, { kind: 'condition' as const, field: 'duration', op: '>' as const, value: 'long', quoted: false }, { kind: 'condition' as const, field: '.b', op: '=' as const, quoted: true }, { kind: 'text' as const, text: ') }' }] };
    expect(renderTraceql({ ...visual, spans: { first: { kind: 'filter', where }, rest: [] } })).toBe('{ } | rate()');
    expect(renderTraceql({ ...visual, stages: [{ kind: 'by', field: '' }, { kind: 'top', fn: 'topk', count: '3' }, { kind: 'aggregate', fn: 'avg', field: '', op: '>', value: '1s' }] })).toBe('{ .a = 1 }');
    expect(renderTraceql({ ...visual, stages: [{ kind: 'threshold', op: '>', value: '5' }, { kind: 'metric', fn: 'rate', field: '', quantiles: [], by: ['name'] }, { kind: 'coalesce' }] })).toBe('{ .a = 1 } | coalesce() | rate() by (name) > 5');
  });

  it('keeps hostile texts in their quotes', () => {
    const where = { kind: 'group' as const, join: '&&' as const, items: [{ kind: 'condition' as const, field: '.a', op: '=' as const, value: '" } || { `x` \\ \n', quoted: true }] };
    const query = renderTraceql({ spans: { first: { kind: 'filter', where }, rest: [] }, stages: [], hints: '' });
    expect(visualOf(query).spans.first).toEqual({ kind: 'filter', where });
  });

  it('says why it refuses a query, and marks the part', () => {
    const refused: [string, RegExp, string?][] = [
      ['{ .a = }', /field or a value/, '}'],
      ['{ } // all', /Comments/, '// all'],
      ['100 * ({ } | rate()) / ({ } | count_over_time())', /Calculating/],
      ['4bf92f3577b34da6a3ce929d0e0e4736', /id of a trace/],
    ];
    for (const [query, why, where] of refused) {
      const result = parseTraceql(query);
      expect('reason' in result ? result.reason : '', query).toMatch(why);
      if (where !== undefined && 'reason' in result) expect(query.slice(result.from, result.to), query).toBe(where);
    }
  });

  it('tells fields and values', () => {
    expect(['duration', '.a', 'span."a b"', 'resource.service.name', '${field}', 'event:name', 'parent.span.x', 'span.${x}'].every(isTraceField)).toBe(true);
    expect(['', 'http.method', 'a', '.a = 1', 'span.', '"x"', '.a }'].some(isTraceField)).toBe(false);
    expect(['1', '-1.5', '.5', '1e3', '1h30m', '2d', 'error', 'nil', '$x', '${x:raw}'].every(isPlainValue)).toBe(true);
    expect(['', 'long', '1 2', '1s }', '"x"', 'with', '-'].some(isPlainValue)).toBe(false);
  });
});
