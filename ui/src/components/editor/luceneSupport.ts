import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { LanguageSupport, StreamLanguage } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { fieldCaps, termsEnum } from '@/api/elastic';
import { luceneField, type LuceneKind, lucenePlace, luceneProblem, luceneTokens, luceneValue } from '@/lib/lucene';

const styles: Record<LuceneKind, string | null> = { field: 'labelName', string: 'string', regexp: 'string', number: 'number', keyword: 'keyword', operator: 'operator', bracket: null, word: null, bad: 'invalid' };

const language = StreamLanguage.define<unknown>({
  name: 'lucene',
  startState: () => ({}),
  token(stream) {
    if (stream.eatSpace()) return null;
    const [token] = luceneTokens(stream.string.slice(stream.pos));
    if (token === undefined) {
      stream.skipToEnd();
      return null;
    }
    stream.pos += token.to;
    return styles[token.kind];
  },
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"'] } },
});

const words: Completion[] = ['AND', 'OR', 'NOT', '_exists_:'].map((label) => ({ label, type: 'keyword' }));
/** How long the list of fields is kept, ms. */
const keptFor = 60_000;

/** The fields of all indices, asked for anew now and then. */
function fieldLister(base: () => string): () => Promise<Completion[]> {
  let last: { at: number; base: string; list: Promise<Completion[]> } | undefined;
  const ask = async (of: string) => {
    const caps = await fieldCaps('*', undefined, of);
    return Object.entries(caps)
      .filter(([name]) => !name.startsWith('_'))
      .map(([name, types]): Completion => ({ label: name, apply: `${luceneField(name)}:`, type: 'property', detail: Object.keys(types).join(', ') }));
  };
  return () => {
    if (last === undefined || last.base !== base() || Date.now() - last.at > keptFor) last = { at: Date.now(), base: base(), list: ask(base()) };
    return last.list.catch((error: unknown) => {
      last = undefined;
      throw error;
    });
  };
}

async function complete(context: CompletionContext, fields: () => Promise<Completion[]>, base: string): Promise<CompletionResult | null> {
  const place = lucenePlace(context.state.doc.toString(), context.pos);
  if (place.kind === 'none') return null;
  if (place.kind === 'field') {
    if (place.typed === '' && !context.explicit) return null;
    return { from: place.from, options: [...(await fields()), ...words], validFor: /^[\w.@-]*$/ };
  }
  if (place.field === '_exists_') return { from: place.from, options: (await fields()).map(({ label }) => ({ label, apply: luceneField(label), type: 'property' })), validFor: /^[\w.@-]*$/ };
  const found = await termsEnum('*', place.field, place.typed, undefined, base);
  return { from: place.from, options: found.map((value): Completion => ({ label: value, apply: place.quoted ? value.replace(/["\\]/g, '\\$&') : luceneValue(value), type: 'text' })) };
}

/** Lucene's query syntax: colours, quotes and brackets that do not fit, completion of fields and values. */
export function luceneSupport(base: () => string): LanguageSupport {
  const fields = fieldLister(base);
  // Reading the newest documents takes the server a while: asked before the first letter.
  fields().catch(() => []);
  return new LanguageSupport(language, [
    language.data.of({ autocomplete: (context: CompletionContext) => complete(context, fields, base()).catch(() => null) }),
    linter((view) => {
      const problem = luceneProblem(view.state.doc.toString());
      return problem === undefined ? [] : [{ ...problem, severity: 'error' }];
    }),
  ]);
}
