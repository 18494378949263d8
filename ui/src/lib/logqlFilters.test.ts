import { describe, expect, it } from 'vitest';
import { addPatternFilter, addPresence, filtersOf, negateFilter, removeFilter } from '@/lib/logqlFilters';

const query = '{app="web", env!~"dev|test"} |= "time out" != `x"y` | json | status>=500 | level="error" |~ "a" or "b" | line_format "{{.x}}"';

describe('filtersOf', () => {
  it('reads every condition back', () => {
    expect(filtersOf(query).map(({ kind, name, operator, value }) => [kind, name, operator, value])).toEqual([
      ['matcher', 'app', '=', 'web'],
      ['matcher', 'env', '!~', 'dev|test'],
      ['line', undefined, '|=', 'time out'],
      ['line', undefined, '!=', 'x"y'],
      ['parser', undefined, '', 'json'],
      ['field', 'status', '>=', '500'],
      ['field', 'level', '=', 'error'],
      ['line', undefined, '|~', 'a or b'],
    ]);
  });
  it('keeps a comparison with != apart from a line filter', () => {
    expect(filtersOf('{a="b"} | logfmt | level!="info" != "x"').map((one) => one.text)).toEqual(['a="b"', 'logfmt', 'level!="info"', '!= "x"']);
    expect(filtersOf('{a="b"} | json != "x"').map((one) => one.text)).toEqual(['a="b"', 'json', '!= "x"']);
  });
  it('shows what it cannot read as one condition', () => {
    expect(filtersOf('{a="b"} | (x="1" or y>2)').at(-1)).toMatchObject({ kind: 'field', text: '(x="1" or y>2)' });
  });
  it('reads the log query inside a metric query', () => {
    expect(filtersOf('sum(rate({a="b"} |= "x" [5m]))').map((one) => one.text)).toEqual(['a="b"', '|= "x"']);
    expect(filtersOf('1 + 1')).toEqual([]);
  });
});

describe('removeFilter', () => {
  const without = (from: string, index: number) => removeFilter(from, filtersOf(from)[index] as never);
  it('takes one out and leaves the rest', () => {
    for (let i = 1; i < filtersOf(query).length; i++) {
      const rest = filtersOf(without(query, i)).map((one) => one.text);
      expect(rest).toEqual(filtersOf(query).map((one) => one.text).filter((_, index) => index !== i));
    }
    expect(without('{a="b"} |= "x" | json', 1)).toBe('{a="b"} | json');
  });
  it('never empties the selector', () => {
    expect(without('{a="b"} |= "x"', 0)).toBe('{service_name=~".+"} |= "x"');
    expect(without('{a="b", c!="d"}', 0)).toBe('{c!="d", service_name=~".+"}');
    expect(without('{a="b", c!="d"}', 1)).toBe('{a="b"}');
  });
});

describe('negateFilter', () => {
  const turned = (from: string, index: number) => negateFilter(from, filtersOf(from)[index] as never);
  it('turns a condition around and back', () => {
    expect(turned('{a="b"} |= "x"', 0)).toBe('{a!="b"} |= "x"');
    expect(turned('{a="b"} |= "x"', 1)).toBe('{a="b"} != "x"');
    expect(turned('{a="b"} != "x"', 1)).toBe('{a="b"} |= "x"');
    expect(turned('{a="b"} | n>5', 1)).toBe('{a="b"} | n<=5');
    expect(turned('{a="b"} | json', 1)).toBe('{a="b"} | json');
  });
});

it('adds presence and patterns', () => {
  expect(addPresence('{a="b"}', 'user', 'json')).toBe('{a="b"} | json | user!=""');
  expect(addPresence('{a="b"} | json', 'user', 'json')).toBe('{a="b"} | json | user!=""');
  expect(addPatternFilter('{a="b"} | json', '!>', 'took <_>ms')).toBe('{a="b"} !> "took <_>ms" | json');
});
