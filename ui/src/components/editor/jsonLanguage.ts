import { LanguageSupport, StreamLanguage } from '@codemirror/language';

/** Colours for JSON. What is wrong in it JSON.parse says better than a grammar. */
export const jsonLanguage = StreamLanguage.define<unknown>({
  name: 'json',
  startState: () => ({}),
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:[^"\\]|\\.)*"(?=\s*:)/)) return 'labelName';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/^-?\d+(\.\d+)?([eE][+-]?\d+)?/)) return 'number';
    if (stream.match(/^(true|false|null)\b/)) return 'keyword';
    stream.next();
    return null;
  },
  languageData: { closeBrackets: { brackets: ['[', '{', '"'] } },
});

export function json(): LanguageSupport {
  return new LanguageSupport(jsonLanguage);
}
