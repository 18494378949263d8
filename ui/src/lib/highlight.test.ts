import { describe, expect, it } from 'vitest';
import { compile, segments } from '@/lib/highlight';

describe('segments', () => {
  it('marks what matches, ignoring case, the first rule first', () => {
    const rules = compile([{ text: 'time', regexp: false }, { text: 'timeout', regexp: false }]);
    expect(segments('a TIMEOUT here', rules)).toEqual([
      { text: 'a ', rule: undefined },
      { text: 'TIME', rule: 0 },
      { text: 'OUT here', rule: undefined },
    ]);
  });

  it('takes texts literally and expressions as such', () => {
    expect(segments('a.b axb', compile([{ text: 'a.b', regexp: false }])).filter((part) => part.rule === 0)).toHaveLength(1);
    expect(segments('a.b axb', compile([{ text: 'a.b', regexp: true }])).filter((part) => part.rule === 0)).toHaveLength(2);
  });

  it('shows the text as it is when an expression cannot be compiled', () => {
    expect(segments('abc', compile([{ text: '(', regexp: true }, { text: '', regexp: false }]))).toEqual([{ text: 'abc', rule: undefined }]);
  });
});
