import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { LanguageSupport, StreamLanguage } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { tempoTagNames, tempoTagValues } from '@/api/tempo';
import { type TraceqlKind, traceqlFunctions, traceqlIntrinsics, traceqlPlace, traceqlProblem, traceqlTokens, traceqlValues } from '@/lib/traceql';

const styles: Record<TraceqlKind, string | null> = {
  string: 'string',
  number: 'number',
  duration: 'number',
  attribute: 'labelName',
  intrinsic: 'variableName.standard',
  keyword: 'keyword',
  function: 'variableName.function',
  operator: 'operator',
  bracket: null,
  word: null,
  bad: 'invalid',
};

const language = StreamLanguage.define<unknown>({
  name: 'traceql',
  startState: () => ({}),
  token(stream) {
    if (stream.eatSpace()) return null;
    const [token] = traceqlTokens(stream.string.slice(stream.pos));
    if (token === undefined) {
      stream.skipToEnd();
      return null;
    }
    stream.pos += token.to;
    return styles[token.kind];
  },
  languageData: { closeBrackets: { brackets: ['(', '{', '"', '`'] } },
});

const intrinsics: Completion[] = traceqlIntrinsics.map((label) => ({ label, type: 'property', detail: 'intrinsic' }));
const stages: Completion[] = traceqlFunctions.map((label) => ({ label, apply: `${label}(`, type: 'function' }));
const values: Completion[] = traceqlValues.map((label) => ({ label, type: 'keyword' }));

async function complete(context: CompletionContext, base: string): Promise<CompletionResult | null> {
  const place = traceqlPlace(context.state.doc.toString(), context.pos);
  switch (place.kind) {
    case 'field': {
      const found = await tempoTagNames(base).catch(() => []);
      return { from: place.from, options: [...found.map((label): Completion => ({ label, type: 'property' })), ...intrinsics], validFor: /^[\w.:/@-]*$/ };
    }
    case 'value': {
      const found = await tempoTagValues(place.field, undefined, base).catch(() => []);
      const options = found.map((value): Completion => ({ label: value, apply: place.quoted ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value), type: 'text' }));
      return { from: place.from, options: place.quoted ? options : [...options, ...values], validFor: place.quoted ? /^[^"]*$/ : /^[\w-]*$/ };
    }
    case 'stage':
      return { from: place.from, options: stages, validFor: /^\w*$/ };
    case 'none':
      return null;
  }
}

/** TraceQL: colours, what is wrong where it is, and completion of fields and values. */
export function traceqlSupport(base: () => string): LanguageSupport {
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: (context: CompletionContext) => complete(context, base()).catch(() => null) }),
    linter((view) => {
      const problem = traceqlProblem(view.state.doc.toString());
      return problem === undefined ? [] : [{ from: Math.min(problem.from, view.state.doc.length), to: Math.min(problem.to, view.state.doc.length), severity: 'error', message: problem.message }];
    }),
  ]);
}
