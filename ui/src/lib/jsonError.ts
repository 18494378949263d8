/** Where a text stops being JSON; line and column count from 1. */
export interface JsonProblem {
  message: string;
  line: number;
  column: number;
}

/** The text's value, or what is wrong with it and where. Engines word the place in their own ways, or not at all: we look ourselves. */
export function parseJson(text: string): { value: unknown } | { problem: JsonProblem } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    const { message, at } = firstProblem(text);
    const before = text.slice(0, at);
    return { problem: { message, line: before.split('\n').length, column: at - before.lastIndexOf('\n') } };
  }
}

const tokens = /\s*(?:("(?:[^"\\\n]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)(?!\w)|([{}[\],:]))/y;
const depthLimit = 2000;

type Expect = 'value' | 'first value or ]' | 'key' | 'first key or }' | ':' | ', or ]' | ', or }' | 'the end';

/** Follows the text by its grammar, token by token, to the first that does not belong there. */
function firstProblem(text: string): { message: string; at: number } {
  const open: ('{' | '[')[] = [];
  let expect: Expect = 'value';
  let at = 0;
  const fail = (what: string): { message: string; at: number } => ({ message: what, at: at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0) });
  const closed = (): Expect => (open.length === 0 ? 'the end' : open.at(-1) === '{' ? ', or }' : ', or ]');
  for (;;) {
    if (text.slice(at).trim() === '') return fail(expect === 'the end' ? 'This is not JSON' : `The text ends where ${expect} should come`);
    tokens.lastIndex = at;
    const token = tokens.exec(text);
    if (token === null) return fail(text.slice(at).trimStart().startsWith('"') ? 'A text without its closing quote' : `${describe(expect)} expected`);
    const [, string, , , sign = ''] = token;
    const scalar = sign === '';
    if (expect === 'value' || expect === 'first value or ]') {
      if (scalar) expect = closed();
      else if (sign === '{' || sign === '[') {
        open.push(sign);
        if (open.length > depthLimit) return fail('Nested too deeply');
        expect = sign === '{' ? 'first key or }' : 'first value or ]';
      } else if (sign === ']' && expect === 'first value or ]') {
        open.pop();
        expect = closed();
      } else return fail('A value expected');
    } else if (expect === 'key' || expect === 'first key or }') {
      if (string !== undefined) expect = ':';
      else if (sign === '}' && expect === 'first key or }') {
        open.pop();
        expect = closed();
      } else return fail('A name in double quotes expected');
    } else if (expect === ':') {
      if (sign !== ':') return fail('“:” expected');
      expect = 'value';
    } else if (expect === 'the end') {
      return fail('Nothing more expected');
    } else if (sign === ',') {
      expect = open.at(-1) === '{' ? 'key' : 'value';
    } else if ((sign === '}' && open.at(-1) === '{') || (sign === ']' && open.at(-1) === '[')) {
      open.pop();
      expect = closed();
    } else return fail(`“,” or “${open.at(-1) === '{' ? '}' : ']'}” expected`);
    at = tokens.lastIndex;
  }
}

function describe(expect: Expect): string {
  if (expect.includes('value')) return 'A value';
  if (expect.includes('key')) return 'A name in double quotes';
  return expect.charAt(0).toUpperCase() + expect.slice(1);
}
