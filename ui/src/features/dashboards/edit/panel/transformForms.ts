/** One option of a transformation in its form. */
export type TransformField =
  | { kind: 'choice'; path: string; label: string; choices: readonly (readonly [string, string])[]; default: string; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'field'; path: string; label: string; placeholder?: string; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'fields'; path: string; label: string; placeholder?: string; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'refs'; path: string; label: string }
  | { kind: 'calcs'; path: string; label: string }
  | { kind: 'calc'; path: string; label: string; default: string; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'text'; path: string; label: string; placeholder?: string; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'number'; path: string; label: string; default: number }
  | { kind: 'switch'; path: string; label: string; default: boolean; when?: (options: Record<string, unknown>) => boolean }
  | { kind: 'labels'; path: string; label: string }
  | { kind: 'organize' }
  | { kind: 'groupBy' }
  | { kind: 'sort' }
  | { kind: 'filterByValue' }
  | { kind: 'convert' };

export interface TransformFormDef {
  /** Options of a new one. */
  start: Record<string, unknown>;
  fields: readonly TransformField[];
}

const byMode = (value: string, fallback: string) => (options: Record<string, unknown>) => (options.mode ?? fallback) === value;

/** The forms of the common transformations, writing Grafana's own keys. */
export const transformForms: Readonly<Record<string, TransformFormDef>> = {
  reduce: {
    start: { reducers: ['max'], mode: 'seriesToRows', includeTimeField: false },
    fields: [
      { kind: 'choice', path: 'mode', label: 'Mode', choices: [['seriesToRows', 'Series to rows'], ['reduceFields', 'Reduce fields']], default: 'seriesToRows' },
      { kind: 'calcs', path: 'reducers', label: 'Calculations' },
      { kind: 'switch', path: 'includeTimeField', label: 'The time field too', default: false, when: byMode('reduceFields', 'seriesToRows') },
      { kind: 'switch', path: 'labelsToFields', label: 'Labels to fields', default: false, when: byMode('seriesToRows', 'seriesToRows') },
    ],
  },
  organize: { start: { excludeByName: {}, indexByName: {}, renameByName: {}, includeByName: {} }, fields: [{ kind: 'organize' }] },
  filterFieldsByName: {
    start: { include: { names: [] } },
    fields: [
      { kind: 'fields', path: 'include.names', label: 'Keep fields' },
      { kind: 'text', path: 'include.pattern', label: 'or by pattern', placeholder: '/cpu.*/' },
    ],
  },
  filterByRefId: { start: { include: '' }, fields: [{ kind: 'refs', path: 'include', label: 'Keep the answers of' }] },
  joinByField: {
    start: { mode: 'outer' },
    fields: [
      { kind: 'choice', path: 'mode', label: 'Join', choices: [['outer', 'Outer, by time series'], ['outerTabular', 'Outer, tables'], ['inner', 'Inner']], default: 'outer' },
      { kind: 'field', path: 'byField', label: 'Field', placeholder: 'time' },
    ],
  },
  merge: { start: {}, fields: [] },
  seriesToRows: { start: {}, fields: [] },
  sortBy: { start: { sort: [{ field: '' }] }, fields: [{ kind: 'sort' }] },
  groupBy: { start: { fields: {} }, fields: [{ kind: 'groupBy' }] },
  limit: { start: { limitField: 10 }, fields: [{ kind: 'number', path: 'limitField', label: 'Rows', default: 10 }] },
  renameByRegex: {
    start: { regex: '(.*)', renamePattern: '$1' },
    fields: [
      { kind: 'text', path: 'regex', label: 'Match' },
      { kind: 'text', path: 'renamePattern', label: 'Replace by' },
    ],
  },
  labelsToFields: {
    start: { mode: 'columns' },
    fields: [
      { kind: 'choice', path: 'mode', label: 'Labels as', choices: [['columns', 'Columns'], ['rows', 'Rows']], default: 'columns' },
      { kind: 'labels', path: 'keepLabels', label: 'Only these' },
      { kind: 'text', path: 'valueLabel', label: 'Name the value by', placeholder: 'a label', when: byMode('columns', 'columns') },
    ],
  },
  calculateField: {
    start: { mode: 'reduceRow', reduce: { reducer: 'sum' }, replaceFields: false },
    fields: [
      { kind: 'choice', path: 'mode', label: 'Mode', choices: [['reduceRow', 'Calculation over the row'], ['binary', 'Two fields'], ['unary', 'One field'], ['cumulativeFunctions', 'Cumulative'], ['windowFunctions', 'Moving window'], ['index', 'Row number']], default: 'reduceRow' },
      { kind: 'fields', path: 'reduce.include', label: 'Fields', placeholder: 'all numbers', when: byMode('reduceRow', 'reduceRow') },
      { kind: 'calc', path: 'reduce.reducer', label: 'Calculation', default: 'sum', when: byMode('reduceRow', 'reduceRow') },
      { kind: 'field', path: 'binary.left.matcher.options', label: 'Left', when: byMode('binary', 'reduceRow') },
      { kind: 'choice', path: 'binary.operator', label: 'Operation', choices: [['+', '+'], ['-', '−'], ['*', '×'], ['/', '÷'], ['%', 'mod'], ['**', 'to the power of']], default: '+', when: byMode('binary', 'reduceRow') },
      { kind: 'field', path: 'binary.right.matcher.options', label: 'Right field', when: byMode('binary', 'reduceRow') },
      { kind: 'text', path: 'binary.right.fixed', label: 'or number', when: byMode('binary', 'reduceRow') },
      { kind: 'field', path: 'unary.fieldName', label: 'Field', when: byMode('unary', 'reduceRow') },
      { kind: 'choice', path: 'unary.operator', label: 'Operation', choices: [['abs', 'Absolute'], ['exp', 'Exponential'], ['ln', 'Natural log'], ['floor', 'Floor'], ['ceil', 'Ceiling'], ['round', 'Round']], default: 'abs', when: byMode('unary', 'reduceRow') },
      { kind: 'field', path: 'cumulative.field', label: 'Field', when: byMode('cumulativeFunctions', 'reduceRow') },
      { kind: 'calc', path: 'cumulative.reducer', label: 'Calculation', default: 'sum', when: byMode('cumulativeFunctions', 'reduceRow') },
      { kind: 'field', path: 'window.field', label: 'Field', when: byMode('windowFunctions', 'reduceRow') },
      { kind: 'calc', path: 'window.reducer', label: 'Calculation', default: 'mean', when: byMode('windowFunctions', 'reduceRow') },
      { kind: 'text', path: 'alias', label: 'Name', placeholder: 'made from the fields' },
      { kind: 'switch', path: 'replaceFields', label: 'Replace all fields', default: false },
    ],
  },
  filterByValue: { start: { type: 'include', match: 'any', filters: [] }, fields: [{ kind: 'filterByValue' }] },
  convertFieldType: { start: { fields: {}, conversions: [{ targetField: '', destinationType: 'number' }] }, fields: [{ kind: 'convert' }] },
  concatenate: { start: {}, fields: [{ kind: 'choice', path: 'frameNameMode', label: 'Frame name', choices: [['field', 'In the field’s name'], ['label', 'As a label'], ['drop', 'Ignored']], default: 'field' }] },
  histogram: { start: { fields: {} }, fields: [{ kind: 'number', path: 'bucketCount', label: 'Buckets', default: 30 }, { kind: 'switch', path: 'combine', label: 'All series together', default: false }] },
  groupingToMatrix: {
    start: { columnField: 'Time', rowField: 'Time', valueField: 'Value' },
    fields: [
      { kind: 'field', path: 'columnField', label: 'Columns' },
      { kind: 'field', path: 'rowField', label: 'Rows' },
      { kind: 'field', path: 'valueField', label: 'Cells' },
      { kind: 'choice', path: 'emptyValue', label: 'Empty cells', choices: [['null', 'Null'], ['zero', 'Zero'], ['empty', 'Empty'], ['true', 'True'], ['false', 'False']], default: 'null' },
    ],
  },
  prepareTimeSeries: { start: { format: 'wide' }, fields: [{ kind: 'choice', path: 'format', label: 'Format', choices: [['multi', 'Many frames'], ['wide', 'One wide frame'], ['long', 'One long frame']], default: 'wide' }] },
  partitionByValues: { start: { fields: [] }, fields: [{ kind: 'fields', path: 'fields', label: 'Fields' }, { kind: 'switch', path: 'keepFields', label: 'Keep them', default: false }] },
  transpose: { start: {}, fields: [{ kind: 'text', path: 'firstFieldName', label: 'Name of the first field', placeholder: 'Field' }, { kind: 'text', path: 'restFieldsName', label: 'Name of the others', placeholder: 'Value' }] },
  formatTime: { start: { timeField: '', outputFormat: 'YYYY-MM-DD', useTimezone: true }, fields: [{ kind: 'field', path: 'timeField', label: 'Time field' }, { kind: 'text', path: 'outputFormat', label: 'Format', placeholder: 'YYYY-MM-DD' }, { kind: 'switch', path: 'useTimezone', label: 'In the reader’s time zone', default: true }] },
  formatString: { start: { stringField: '', outputFormat: 'Upper Case' }, fields: [{ kind: 'field', path: 'stringField', label: 'Field' }, { kind: 'choice', path: 'outputFormat', label: 'Format', choices: ['Upper Case', 'Lower Case', 'Sentence Case', 'Title Case', 'Pascal Case', 'Camel Case', 'Snake Case', 'Kebab Case', 'Trim', 'Substring'].map((one) => [one, one] as const), default: 'Upper Case' }] },
  fieldLookup: { start: { lookupField: '', gazetteer: 'public/gazetteer/countries.json' }, fields: [{ kind: 'field', path: 'lookupField', label: 'Field' }, { kind: 'choice', path: 'gazetteer', label: 'Places', choices: [['public/gazetteer/countries.json', 'Countries'], ['public/gazetteer/usa-states.json', 'States of the USA']], default: 'public/gazetteer/countries.json' }] },
  timeSeriesTable: { start: {}, fields: [] },
};

