import { FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { evaluateExpressions } from '@/features/dashboards/data/expressions/evaluate';
import { parseMath } from '@/features/dashboards/data/expressions/math';
import { field, frame } from '@/features/dashboards/data/frames';
import type { PlannedQuery } from '@/features/dashboards/data/plan';
import type { TargetJson } from '@/features/dashboards/model/types';

const source = { uid: '__expr__', name: 'Expression', type: '__expr__', dialect: '' as const, default: false };
const expression = (refId: string, target: TargetJson): PlannedQuery => ({ refId, expr: '', legendFormat: '', format: 'time_series', step: 1000, interval: 1000, many: true, datasource: source, instant: false, from: 0, to: 4000, maxLines: 0, target });
const series = (refId: string, labels: Record<string, string>, points: [number, number | null][]) =>
  frame(refId, [field('Time', FieldType.time, points.map(([time]) => time)), field('Value', FieldType.number, points.map(([, value]) => value), { labels })]);

const a = [series('A', { job: 'x' }, [[1000, 1], [2000, 2], [3000, null]]), series('A', { job: 'y' }, [[1000, 10], [2000, 20]])];
const b = [series('B', { job: 'x', pod: '1' }, [[2000, 4], [3000, 5]])];
const frames = new Map([['A', a], ['B', b]]);

function run(...expressions: PlannedQuery[]) {
  const results = evaluateExpressions(expressions, frames);
  return results.at(-1)?.frames.map((one) => [one.fields.at(-1)?.labels, one.fields.at(-1)?.values, one.fields.length === 1 ? 'number' : one.fields[0]?.values]);
}

describe('math', () => {
  it.each([
    ['$A * 2 + 1', [[{ job: 'x' }, [3, 5, null], [1000, 2000, 3000]], [{ job: 'y' }, [21, 41], [1000, 2000]]]],
    ['${A} / $B', [[{ job: 'x', pod: '1' }, [0.5, null], [2000, 3000]]]],
    ['-$B > -5', [[{ job: 'x', pod: '1' }, [1, 0], [2000, 3000]]]],
    ['is_nan($A)', [[{ job: 'x' }, [0, 0, 1], [1000, 2000, 3000]], [{ job: 'y' }, [0, 0], [1000, 2000]]]],
    ['2 ** 3 % 5 - 1', [[{}, [2], 'number']]],
    ['1 + 2 * 3 == 7 && !0', [[{}, [1], 'number']]],
    ['abs(-0x10) + 1.5e1 || 0', [[{}, [1], 'number']]],
  ])('%s', (text, want) => {
    expect(run(expression('C', { type: 'math', expression: text }))).toEqual(want);
  });

  it.each([
    ['$A +', 'ends too early'],
    ['1 $ 2', 'Unexpected "$" at character 2'],
    ['(1', 'ends too early'],
    ['1 2', 'Unexpected "2" at character 3'],
    ['foo(1)', 'function foo() is not one of'],
    ['constructor(1)', 'function constructor() is not one of'],
    ['abs(1, 2)', 'takes one argument'],
    ['$Z', 'no query Z'],
    ['('.repeat(5000), 'nested too deeply'],
  ])('names what is wrong in %s', (text, want) => {
    expect(() => run(expression('C', { type: 'math', expression: text }))).toThrow(want);
  });

  it('keeps the order of operators', () => {
    expect(JSON.stringify(parseMath('1-2-3'))).toBe(JSON.stringify(parseMath('(1-2)-3')));
  });
});

describe('reduce, resample and threshold', () => {
  it('reduce in each mode', () => {
    expect(run(expression('C', { type: 'reduce', expression: 'A', reducer: 'sum' }))).toEqual([[{ job: 'x' }, [null], 'number'], [{ job: 'y' }, [30], 'number']]);
    expect(run(expression('C', { type: 'reduce', expression: '$A', reducer: 'mean', settings: { mode: 'dropNN' } }))?.[0]?.[1]).toEqual([1.5]);
    expect(run(expression('C', { type: 'reduce', expression: 'A', reducer: 'count', settings: { mode: 'replaceNN', replaceWithValue: 7 } }))?.[0]?.[1]).toEqual([3]);
  });

  it('chain in any order of definition, and name circles', () => {
    expect(run(expression('D', { type: 'threshold', expression: 'C', conditions: [{ evaluator: { type: 'gt', params: [15] } }] }), expression('C', { type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } }))).toBeDefined();
    const [first] = evaluateExpressions([expression('D', { type: 'threshold', expression: 'C', conditions: [{ evaluator: { type: 'within_range', params: [0, 5] } }] }), expression('C', { type: 'reduce', expression: 'A', reducer: 'last', settings: { mode: 'dropNN' } })], frames);
    expect(first?.frames.map((one) => one.fields[0]?.values)).toEqual([[1], [0]]);
    expect(() => run(expression('C', { type: 'math', expression: '$D' }), expression('D', { type: 'math', expression: '$C' }))).toThrow('circle: C → D → C');
  });

  it('resample to a window', () => {
    expect(run(expression('C', { type: 'resample', expression: 'B', window: '2s', downsampler: 'max', upsampler: 'pad' }))).toEqual([[{ job: 'x', pod: '1' }, [null, 4, 5], [0, 2000, 4000]]]);
    expect(() => run(expression('C', { type: 'resample', expression: 'B', window: '0s' }))).toThrow('window');
  });

  it('refuse other kinds by name', () => {
    expect(() => run(expression('C', { type: 'sql', expression: 'select 1' }))).toThrow('Expression C: expressions of the kind "sql" are not supported');
  });
});
