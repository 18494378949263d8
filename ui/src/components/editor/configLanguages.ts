import { StreamLanguage, type StringStream } from '@codemirror/language';
import { jsonLanguage } from '@/components/editor/jsonLanguage';

export type ConfigLanguage = 'logstash' | 'yaml' | 'json';

const logstashWords = /^(if|else|in|not|and|or|xor|nand)\b/;

/** Reads a quoted text that begins at the stream's position; a backslash escapes the quote. */
function quoted(stream: StringStream, quote: string): boolean {
  let escaped = false;
  for (let c = stream.next(); c !== undefined; c = stream.next()) {
    if (c === quote && !escaped) return true;
    escaped = !escaped && c === '\\';
  }
  return false;
}

const logstash = StreamLanguage.define<{ quote: string }>({
  name: 'logstash',
  startState: () => ({ quote: '' }),
  token(stream, state) {
    if (state.quote !== '') {
      if (quoted(stream, state.quote)) state.quote = '';
      return 'string';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('#')) {
      stream.skipToEnd();
      return 'comment';
    }
    const quote = stream.peek() ?? '';
    if (quote === '"' || quote === "'") {
      stream.next();
      if (!quoted(stream, quote)) state.quote = quote;
      return 'string';
    }
    if (stream.match(/^(=>|[=!]~|[=!<>]=|[<>!])/)) return 'operator';
    if (stream.match(logstashWords)) return 'keyword';
    if (stream.match(/^[A-Za-z_][\w-]*(?=\s*\{)/)) return 'variableName.function';
    if (stream.match(/^[A-Za-z_][\w-]*(?=\s*=>)/)) return 'labelName';
    if (stream.match(/^-?\d+(\.\d*)?/)) return 'number';
    if (stream.match(/^(\[[^\][,"']+\])+/)) return 'variableName.standard';
    if (stream.match(/^[A-Za-z_][\w-]*/)) return 'string';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
});

const yaml = StreamLanguage.define<{ quote: string }>({
  name: 'yaml',
  startState: () => ({ quote: '' }),
  token(stream, state) {
    if (state.quote !== '') {
      if (quoted(stream, state.quote)) state.quote = '';
      return 'string';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('#')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^[\w.$-]+(?=\s*:(\s|$))/)) return 'labelName';
    const quote = stream.peek() ?? '';
    if (quote === '"' || quote === "'") {
      stream.next();
      if (!quoted(stream, quote)) state.quote = quote;
      return 'string';
    }
    if (stream.match(/^(-(?=\s)|[:{}[\],|>?])/)) return 'operator';
    if (stream.match(/^(true|false|null)\b/)) return 'keyword';
    if (stream.match(/^-?\d+(\.\d+)?(?=[\s,\]}]|$)/)) return 'number';
    if (!stream.match(/^[^#,\]}]+/)) stream.next();
    return 'string';
  },
  languageData: { commentTokens: { line: '#' }, closeBrackets: { brackets: ['[', '{', '"', "'"] } },
});

/** Colours for configuration files; what is wrong in them the server says. */
export const configLanguages: Record<ConfigLanguage, StreamLanguage<unknown>> = { logstash, yaml, json: jsonLanguage };
