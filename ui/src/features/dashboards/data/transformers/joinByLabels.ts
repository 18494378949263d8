import { type Field, FieldType } from '@grafana/data';
import { listOption, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

/** One table of all series: a row for each set of labels, a column for each value of one label: joinByLabels. */
export const joinByLabels: Transformer = (frames, options) => {
  const column = textOption(options, 'value');
  if (column === '') throw new Error('joinByLabels does not say which label names the columns');
  const numbers = frames.flatMap((frame) => frame.fields.filter((one) => one.type !== FieldType.time && one.labels?.[column] !== undefined));
  if (numbers.length === 0) throw new Error(`No series has the label "${column}", by which joinByLabels makes its columns`);
  const asked = listOption<string>(options, 'join');
  const names = asked.length > 0 ? asked.filter((name) => name !== column) : [...new Set(numbers.flatMap((one) => Object.keys(one.labels ?? {})))].filter((name) => name !== column).sort();
  const columns = [...new Set(numbers.map((one) => one.labels?.[column] ?? ''))];
  const rows = new Map<string, { labels: string[]; values: Map<string, unknown> }>();
  for (const number of numbers) {
    const labels = names.map((name) => number.labels?.[name] ?? '');
    number.values.forEach((value: unknown, index) => {
      const key = JSON.stringify([labels, index]);
      const row = rows.get(key) ?? { labels, values: new Map<string, unknown>() };
      row.values.set(number.labels?.[column] ?? '', value);
      rows.set(key, row);
    });
  }
  const all = [...rows.values()];
  const fields: Field[] = [
    ...names.map((name, at): Field => ({ name, type: FieldType.string, config: {}, values: all.map((row) => row.labels[at] ?? '') })),
    ...columns.map((name): Field => {
      const own = numbers.find((one) => one.labels?.[column] === name);
      return { name, type: own?.type ?? FieldType.number, config: { ...own?.config, displayNameFromDS: name }, values: all.map((row) => row.values.get(name) ?? null) };
    }),
  ];
  return [{ fields, length: all.length }];
};
