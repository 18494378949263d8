import { describe, expect, it } from 'vitest';
import type { LineRun, StepRun } from '@/api/pipelines';
import { describeFate, fateOf, formatNs, showValue } from './trialSummary';

const step = (extra: Partial<StepRun>): StepRun => ({ step: 0, name: 'grok', line: 1, changes: [], out: 1, took_ns: 1, ...extra });
const line = (extra: Partial<LineRun>): LineRun => ({ line: 'x', number: 1, steps: [], events: [], ...extra });

describe('the fate of a line', () => {
  it.each([
    [line({ events: [{}] }), 'out', '1 event'],
    [line({ events: [{}, {}] }), 'out', '2 events'],
    [line({ events: [{}], steps: [step({ failed: ['_grokparsefailure'] })] }), 'failed', '_grokparsefailure'],
    [line({ dropped: ['drop_filter'] }), 'dropped', 'drop_filter'],
    [line({}), 'held', 'held back'],
  ] as const)('is said in a word', (run, fate, words) => {
    expect(fateOf(run)).toBe(fate);
    expect(describeFate(run)).toBe(words);
  });

  it('shows times with three digits and texts without quotes', () => {
    expect([12, 1234, 56_789, 12_345_678].map(formatNs)).toEqual(['12 ns', '1.23 µs', '56.8 µs', '12.3 ms']);
    expect(['a', 1, { b: [true] }].map(showValue)).toEqual(['a', '1', '{"b":[true]}']);
  });
});
