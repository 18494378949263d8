import { describe, expect, it } from 'vitest';
import { parseWords, withWords, wordsText } from '@/lib/logWords';

describe('words', () => {
  it('are read as people type them', () => {
    expect(parseWords('time-out -debug "Exact phrase" a OR b -"no way"')).toEqual([
      { texts: ['time-out'], negate: false, exact: false },
      { texts: ['debug'], negate: true, exact: false },
      { texts: ['Exact phrase'], negate: false, exact: true },
      { texts: ['a', 'b'], negate: false, exact: false },
      { texts: ['no way'], negate: true, exact: true },
    ]);
    expect(parseWords(' - OR "" ')).toEqual([{ texts: ['-'], negate: false, exact: false }]);
  });

  it('become line filters behind the selector', () => {
    expect(withWords('{a="b"} | json', 'timeout (x) -"as is"')).toBe('{a="b"} |~ "(?i)timeout" |~ `(?i)\\(x\\)` != "as is" | json');
    expect(withWords('{a="b"}', '')).toBe('{a="b"}');
  });

  it('replace the words before and keep what they cannot say', () => {
    const query = '{a="}"} |~ "(?i)old" |~ "x.*y" |> "<_> z" | json';
    expect(withWords(query, 'new')).toBe('{a="}"} |~ "(?i)new" |~ "x.*y" |> "<_> z" | json');
  });

  it('come back from the query', () => {
    for (const text of ['timeout', 'a.b[0] -debug', '"Exact phrase" x OR y', '-"no \\"way\\""']) {
      const query = withWords('{a="b"}', text);
      expect(wordsText(query)).toBe(text);
      expect(withWords(query, wordsText(query))).toBe(query);
    }
  });
});
