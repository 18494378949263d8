import { describe, expect, it } from 'vitest';
import { parseJson } from '@/lib/jsonError';

function problem(text: string): string {
  const result = parseJson(text);
  return 'problem' in result ? `${result.problem.line}:${result.problem.column} ${result.problem.message}` : 'fine';
}

describe('parseJson', () => {
  it('says where a text stops being JSON', () => {
    expect(parseJson('{"a": [1, 2]}')).toEqual({ value: { a: [1, 2] } });
    expect(problem('{\n  "a": 1,\n  "b": oops\n}')).toBe('3:8 A value expected');
    expect(problem('{\n  "a": [1,')).toMatch(/^2:11 The text ends/);
    expect(problem('{"a" 1}')).toBe('1:6 “:” expected');
    expect(problem('{"a": 1 "b": 2}')).toBe('1:9 “,” or “}” expected');
    expect(problem('[1, 2}')).toBe('1:6 “,” or “]” expected');
    expect(problem('{a: 1}')).toBe('1:2 A name in double quotes expected');
    expect(problem('{"a": "x\n"}')).toMatch(/^1:7 A text without/);
    expect(problem('[1,]')).toBe('1:4 A value expected');
    expect(problem('{} {}')).toBe('1:4 Nothing more expected');
    expect(problem('')).toMatch(/^1:1/);
    expect(problem('[]')).toBe('fine');
  });

  it('stands a text of a megabyte and a depth of thousands', () => {
    expect(problem(`{"a": "${'x'.repeat(1_000_000)}"`)).toMatch(/ends/);
    expect(problem('['.repeat(100_000))).toMatch(/deeply|ends/);
  });
});
