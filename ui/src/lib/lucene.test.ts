import { describe, expect, it } from 'vitest';
import { luceneField, lucenePlace, luceneProblem, luceneTokens, luceneValue } from '@/lib/lucene';

describe('Lucene', () => {
  it('knows its pieces', () => {
    expect(luceneTokens('status:>=500 AND NOT msg:"a b" /x.*/').map(({ kind, text }) => `${kind} ${text}`)).toEqual(['field status', 'operator :', 'operator >=', 'number 500', 'keyword AND', 'keyword NOT', 'field msg', 'operator :', 'string "a b"', 'regexp /x.*/']);
  });

  it('says where quotes and brackets do not fit', () => {
    const at = (query: string) => {
      const problem = luceneProblem(query);
      return problem === undefined ? 'fine' : `${problem.from} ${problem.message}`;
    };
    for (const query of ['', '*', 'a:(b OR "c)")', 'took:[1 TO 5}', 'a:\\"b', '"a \\" b"', 'service:$service AND a:${b:lucene}', 'msg:"${x}"', 'a -b +c']) expect(at(query), query).toBe('fine');
    expect(at('a:"b')).toMatch(/^2 A text without/);
    expect(at('a:(b OR c')).toMatch(/^2 .*not closed/);
    expect(at('a)')).toMatch(/^1 Nothing is open/);
    expect(at('a:[1 TO 2)')).toMatch(/^9 Nothing is open/);
    expect(at('a:b AND')).toMatch(/^4 A condition follows AND/);
  });

  it('knows what may be completed', () => {
    expect(lucenePlace('sta', 3)).toEqual({ kind: 'field', from: 0, typed: 'sta' });
    expect(lucenePlace('a:b AND -(ser', 13)).toEqual({ kind: 'field', from: 10, typed: 'ser' });
    expect(lucenePlace('-service.na', 11)).toEqual({ kind: 'field', from: 1, typed: 'service.na' });
    expect(lucenePlace('x-request', 9)).toEqual({ kind: 'field', from: 0, typed: 'x-request' });
    expect(lucenePlace('level:er', 8)).toEqual({ kind: 'value', from: 6, field: 'level', typed: 'er', quoted: false });
    expect(lucenePlace('a:b -level:"e r', 15)).toEqual({ kind: 'value', from: 12, field: 'level', typed: 'e r', quoted: true });
    expect(lucenePlace('"some te', 8)).toEqual({ kind: 'none' });
  });

  it('writes names and values', () => {
    expect(luceneField('http.status code')).toBe('http.status\\ code');
    expect(luceneField('x-request')).toBe('x-request');
    expect([luceneValue('error'), luceneValue('a b'), luceneValue('say "x"'), luceneValue('OR')]).toEqual(['error', '"a b"', '"say \\"x\\""', '"OR"']);
  });
});
