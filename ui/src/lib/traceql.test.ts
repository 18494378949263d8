import { describe, expect, it } from 'vitest';
import { isTraceqlMetric, traceqlPlace, traceqlProblem, traceqlTokens } from '@/lib/traceql';

describe('TraceQL', () => {
  it('tells series from traces by the function, not by a text or a name', () => {
    expect(['{ } | rate() by (name)', '{ } | quantile_over_time(duration, .9)', '{ status = error } | compare({ .x = 1 })'].map(isTraceqlMetric)).toEqual([true, true, true]);
    expect(['', '{ } | count() > 2', '{ .q = "{} | rate()" }', '{ .rate = 1 }', '{ span.max_over_time > 1 }'].map(isTraceqlMetric)).toEqual([false, false, false, false, false]);
  });

  it('takes what Tempo takes', () => {
    const queries = [
      '',
      '{}',
      '4bf92f3577b34da6a3ce929d0e0e4736',
      '{ resource.service.name = "api" && span.http.status_code >= 500 }',
      '{ duration > 1.5s || status = error } && { .cache = true }',
      '{ name =~ "GET .*" } >> { kind = client && !(span:status = ok) }',
      '({ .a = 1 } | count() > 2) && { .b != nil }',
      '{ } | avg(duration) > 20ms | by(resource.service.name)',
      '{ resource.service.name = "$service" } | rate() by (name, span.http.route)',
      '{ } | quantile_over_time(duration, 0.9, .99) by (resource.cluster)',
      '{ span."odd name" = `raw` } | select(span.x, resource.y)',
      '{ status = error } | compare({ .x = 1 })',
      '{ } | rate() with (exemplars=true)',
      '{ trace:duration > 1h && event.exception.message != "" }',
    ];
    for (const query of queries) expect(traceqlProblem(query), query).toBeUndefined();
  });

  it('says what is wrong, and where', () => {
    const at = (query: string) => {
      const problem = traceqlProblem(query);
      return problem === undefined ? 'fine' : `${problem.from} ${problem.message}`;
    };
    expect(at('{ service = "a" }')).toMatch(/^2 “service” is no field/);
    expect(at('{ .a = }')).toMatch(/^7 A field or a value/);
    expect(at('{ .a = 1')).toMatch(/“}” expected/);
    expect(at('.a = 1')).toMatch(/^0 A spanset begins/);
    expect(at('{ } { }')).toMatch(/^4 Nothing more/);
    expect(at('{ } | foo()')).toMatch(/^6 A stage/);
    expect(at('{ .a = "x }')).toMatch(/closing quote/);
    expect(at(`${'('.repeat(5000)}`)).toMatch(/deeply/);
  });

  it('knows its pieces, and what may be completed', () => {
    expect(traceqlTokens('{ span.a = "x" } | rate()').map((one) => one.kind)).toEqual(['bracket', 'attribute', 'operator', 'string', 'bracket', 'operator', 'function', 'bracket', 'bracket']);
    expect(traceqlPlace('{ re', 4)).toEqual({ kind: 'field', from: 2 });
    expect(traceqlPlace('{ resource.service.name = "a', 28)).toEqual({ kind: 'value', from: 27, field: 'resource.service.name', quoted: true });
    expect(traceqlPlace('{ status = e', 12)).toEqual({ kind: 'value', from: 11, field: 'status', quoted: false });
    expect(traceqlPlace('{ } | ra', 8)).toEqual({ kind: 'stage', from: 6 });
    expect(traceqlPlace('{ .a = 1 || .', 13)).toEqual({ kind: 'field', from: 12 });
  });
});
