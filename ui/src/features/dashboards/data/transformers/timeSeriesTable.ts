import { type DataFrame, type Field, FieldType, reduceField } from '@grafana/data';
import { recordOption, textOption, type Transformer } from '@/features/dashboards/data/transformers/types';

/** Series as rows: a column for each label, and the series itself as the trend of a sparkline: timeSeriesTable. */
export const timeSeriesTable: Transformer = (frames, options) => {
  const groups = new Map<string, DataFrame[]>();
  const others: DataFrame[] = [];
  for (const frame of frames) {
    if (!frame.fields.some((one) => one.type === FieldType.time) || !frame.fields.some((one) => one.type === FieldType.number)) others.push(frame);
    else groups.set(frame.refId ?? '', [...(groups.get(frame.refId ?? '') ?? []), frame]);
  }
  const made = [...groups].map(([refId, series]): DataFrame => {
    const own = recordOption(options, refId);
    const rows = series.flatMap((frame) => frame.fields.filter((one) => one.type === FieldType.number).map((value) => ({ frame, value })));
    const names = [...new Set(rows.flatMap(({ value }) => Object.keys(value.labels ?? {})))];
    const stat = textOption(own, 'stat', 'lastNotNull');
    const trends = rows.map(({ frame, value }) => {
      const time = frame.fields.find((one) => one.name === textOption(own, 'timeField') && one.type === FieldType.time) ?? frame.fields.find((one) => one.type === FieldType.time);
      const result: unknown = reduceField({ field: { ...value, state: null }, reducers: [stat] })[stat];
      return { ...frame, fields: time === undefined ? [value] : [time, value], value: typeof result === 'number' ? result : null };
    });
    const labels = names.map((name): Field => ({ name, type: FieldType.string, config: {}, values: rows.map(({ value }) => value.labels?.[name] ?? '') }));
    return { refId, fields: [...labels, { name: refId === '' ? 'Trend' : `Trend #${refId}`, type: FieldType.frame, config: {}, values: trends }], length: rows.length };
  });
  return [...made, ...others];
};
