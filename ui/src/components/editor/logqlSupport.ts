import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { LanguageSupport, LRLanguage } from '@codemirror/language';
import { styleTags, tags as t } from '@lezer/highlight';
import { parser } from '@grafana/lezer-logql';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { syntaxLint } from '@/components/editor/syntaxLint';
import { completionPlace } from '@/lib/logqlCompletion';

const language = LRLanguage.define({
  name: 'logql',
  parser: parser.configure({
    props: [
      styleTags({
        'Json Logfmt Unpack Pattern Regexp Unwrap LabelFormat LineFormat Decolorize Drop Keep': t.keyword,
        'By Without On Ignoring GroupLeft GroupRight Bool Offset And Or Unless': t.operatorKeyword,
        'CountOverTime Rate RateCounter BytesOverTime BytesRate AvgOverTime SumOverTime MinOverTime MaxOverTime StddevOverTime StdvarOverTime QuantileOverTime FirstOverTime LastOverTime AbsentOverTime Sum Avg Count Max Min Stddev Stdvar Bottomk Topk Sort Sort_Desc LabelReplace Vector':
          t.function(t.variableName),
        'Matcher/Identifier LabelFilter/... Grouping/... LabelName': t.labelName,
        String: t.string,
        'Number Duration Bytes Range': t.number,
        'Eq Neq Re Nre Gtr Gte Lss Lte Eql PipeExact PipeMatch PipePattern Npa Pipe Add Sub Mul Div Mod Pow': t.operator,
        LineComment: t.comment,
        '⚠': t.invalid,
      }),
    ],
  }),
  languageData: { closeBrackets: { brackets: ['(', '[', '{', '"', '`'] }, commentTokens: { line: '#' } },
});

const stages: Completion[] = [
  { label: 'json', type: 'keyword', detail: 'parse JSON' },
  { label: 'logfmt', type: 'keyword', detail: 'parse key=value' },
  { label: 'pattern', apply: 'pattern ``', type: 'keyword', detail: 'extract by <placeholders>' },
  { label: 'regexp', apply: 'regexp ``', type: 'keyword', detail: 'extract by named groups' },
  { label: 'unpack', type: 'keyword', detail: 'unpack packed labels' },
  { label: 'line_format', apply: 'line_format "{{.}}"', type: 'keyword', detail: 'rewrite the line' },
  { label: 'label_format', type: 'keyword', detail: 'rename or set labels' },
  { label: 'drop', type: 'keyword', detail: 'remove labels' },
  { label: 'keep', type: 'keyword', detail: 'keep only these labels' },
  { label: 'decolorize', type: 'keyword', detail: 'strip ANSI colours' },
  { label: 'unwrap', type: 'keyword', detail: 'use a label as the value' },
];

const functions: Completion[] = [
  ...['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'sum_over_time', 'avg_over_time', 'max_over_time', 'min_over_time', 'quantile_over_time', 'absent_over_time'].map(
    (name): Completion => ({ label: name, apply: `${name}(`, type: 'function', detail: 'over a range' }),
  ),
  ...['sum', 'avg', 'min', 'max', 'count', 'topk', 'bottomk', 'stddev'].map(
    (name): Completion => ({ label: name, apply: `${name}(`, type: 'function', detail: 'aggregation' }),
  ),
];

/** The range that label names and values are taken from. */
export type LabelRange = () => { from: number; to: number };

function quoted(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

async function complete(context: CompletionContext, range: LabelRange): Promise<CompletionResult | null> {
  const place = completionPlace(context.state.doc.toString(), context.pos);
  const { from, to } = range();
  switch (place.kind) {
    case 'labelName': {
      const names = await logLabelNames(from, to);
      return { from: place.from, options: names.map((name) => ({ label: name, type: 'property' })), validFor: /^\w*$/ };
    }
    case 'labelValue': {
      const values = await logLabelValues(place.label, from, to, place.selector);
      return { from: place.from, options: values.map((value) => ({ label: value, apply: quoted(value), type: 'text' })), validFor: /^[^"`]*$/ };
    }
    case 'stage':
      return { from: place.from, options: stages, validFor: /^\w*$/ };
    case 'start':
      return place.from === context.pos && !context.explicit ? null : { from: place.from, options: functions, validFor: /^\w*$/ };
    case 'none':
      return null;
  }
}

/** LogQL: highlighting and completion of functions, stages, label names and values. */
export function logqlSupport(range: LabelRange): LanguageSupport {
  return new LanguageSupport(language, [
    language.data.of({
      // A server that cannot answer leaves the editor without suggestions, not without a working editor.
      autocomplete: (context: CompletionContext) => complete(context, range).catch(() => null),
    }),
    syntaxLint(parser),
  ]);
}
