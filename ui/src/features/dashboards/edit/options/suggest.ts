import { type DataFrame, FieldType } from '@grafana/data';

/** The kinds of panels that suit some frames, the best first. */
export function suggestTypes(frames: readonly DataFrame[]): string[] {
  const preferred = frames.find((frame) => frame.meta?.preferredVisualisationType !== undefined)?.meta?.preferredVisualisationType;
  if (preferred === 'logs') return ['logs', 'table'];
  if (preferred === 'trace') return ['traces'];
  if (preferred === 'nodeGraph') return ['nodeGraph', 'table'];
  if (frames.some((frame) => frame.meta?.type === 'heatmap-cells' || frame.meta?.type === 'heatmap-rows')) return ['heatmap', 'timeseries'];
  const fields = frames.flatMap((frame) => frame.fields);
  const count = (type: FieldType) => fields.filter((field) => field.type === type).length;
  const numbers = count(FieldType.number);
  const points = Math.max(0, ...frames.map((frame) => frame.length));
  if (numbers === 0) return count(FieldType.string) > 0 ? ['table', 'state-timeline'] : [];
  const overTime = count(FieldType.time) > 0 && points > 1;
  if (overTime && numbers === 1) return ['timeseries', 'stat', 'gauge', 'state-timeline'];
  if (overTime) return ['timeseries', 'table', 'stat', 'bargauge', 'heatmap'];
  if (count(FieldType.string) > 0) return ['table', 'barchart', 'piechart', 'bargauge'];
  return numbers === 1 && points <= 1 ? ['stat', 'gauge', 'bargauge'] : ['bargauge', 'table', 'stat', 'piechart'];
}
