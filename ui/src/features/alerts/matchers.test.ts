import { describe, expect, it } from 'vitest';
import { exactMatchers, formatMatchers, matcherProblem, matchesLabels, parseMatchers } from '@/features/alerts/matchers';

describe('matchers', () => {
  it('are read as they are written', () => {
    const matchers = [
      { name: 'alertname', value: 'A "quoted", one', isRegex: false, isEqual: true },
      { name: 'pod', value: 'web-.*', isRegex: true, isEqual: true },
      { name: 'env', value: 'test', isRegex: false, isEqual: false },
      { name: 'zone', value: 'a|b', isRegex: true, isEqual: false },
    ];
    const text = formatMatchers(matchers);
    expect(text).toBe('{alertname="A \\"quoted\\", one", pod=~"web-.*", env!="test", zone!~"a|b"}');
    expect(parseMatchers(text)).toEqual(matchers);
    expect(parseMatchers('a=b, c=~d')).toEqual([
      { name: 'a', value: 'b', isRegex: false, isEqual: true },
      { name: 'c', value: 'd', isRegex: true, isEqual: true },
    ]);
    expect(parseMatchers('a')).toBeUndefined();
    expect(parseMatchers('{a="}')).toBeUndefined();
  });

  it('match whole values, and missing labels as empty ones', () => {
    const labels = { alertname: 'Down', pod: 'web-1' };
    expect(matchesLabels([{ name: 'pod', value: 'web', isRegex: true, isEqual: true }], labels)).toBe(false);
    expect(matchesLabels([{ name: 'pod', value: 'web-\\d', isRegex: true, isEqual: true }], labels)).toBe(true);
    expect(matchesLabels([{ name: 'env', value: '', isRegex: false, isEqual: true }], labels)).toBe(true);
    expect(matchesLabels([{ name: 'env', value: 'x', isRegex: false, isEqual: false }], labels)).toBe(true);
    expect(matchesLabels(exactMatchers(labels), labels)).toBe(true);
  });

  it('name their problem', () => {
    expect(matcherProblem([])).toContain('at least one');
    expect(matcherProblem([{ name: 'a', value: '.*', isRegex: true, isEqual: true }])).toContain('empty value');
    expect(matcherProblem([{ name: 'a', value: '(', isRegex: true, isEqual: true }])).toContain('regular expression');
    expect(matcherProblem([{ name: '1a', value: 'x', isRegex: false, isEqual: true }])).toContain('label name');
    expect(matcherProblem([{ name: 'a', value: 'x', isRegex: false, isEqual: true }])).toBeUndefined();
  });
});
