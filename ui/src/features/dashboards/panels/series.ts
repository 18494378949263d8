import { type DataFrame, type DisplayProcessor, type Field, FieldType, getFieldColorModeForField, getFieldDisplayName, type GrafanaTheme2 } from '@grafana/data';
import { objectOption, option } from '@/features/dashboards/panels/types';

/** One line, bar or area of a graph over time. */
export interface Series {
  key: string;
  name: string;
  color: string;
  field: Field;
  /** Aligned with the graph's times; as they were sent, for tooltip and legend. */
  values: (number | null)[];
  /** What is drawn: with stacking and negative-Y applied. */
  drawn: (number | null)[];
  display: DisplayProcessor;
  custom: Record<string, unknown>;
  stackGroup: string | undefined;
  /** The index of the series below in its stack. */
  below: number | undefined;
  inLegend: boolean;
  inTooltip: boolean;
}

export interface Graph {
  /** Seconds, ascending. */
  times: number[];
  series: Series[];
}

interface Source {
  frame: DataFrame;
  time: number[];
  field: Field;
}

/** The frames' numbers over one axis of time, stacked where their configuration says so. */
export function graphOf(frames: DataFrame[], theme: GrafanaTheme2, hidden: ReadonlySet<string>): Graph {
  const sources = frames.flatMap((frame): Source[] => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    if (time === undefined) return [];
    return frame.fields.filter((field) => field.type === FieldType.number).map((field) => ({ frame, time: time.values as number[], field }));
  });
  const times = timesOf(sources);
  const index = new Map(times.map((time, at) => [time, at]));
  const names = new Map<string, number>();
  const series = sources.flatMap(({ frame, time, field }): Series[] => {
    const custom = (field.config.custom ?? {}) as Record<string, unknown>;
    const hide = objectOption(custom, 'hideFrom');
    if (hide.viz === true) return [];
    const name = getFieldDisplayName(field, frame, frames);
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    const key = count === 0 ? name : `${name}#${count}`;
    if (hidden.has(key)) return [emptySeries(key, name, field, theme)];
    const values: (number | null)[] = new Array<number | null>(times.length).fill(null);
    time.forEach((at, row) => {
      const slot = index.get(at);
      if (slot !== undefined) values[slot] = field.values[row] as number | null;
    });
    return [
      {
        ...emptySeries(key, name, field, theme),
        values,
        drawn: option(custom, 'transform', '') === 'negative-Y' ? values.map((value) => (value === null ? null : -value)) : values,
        stackGroup: stackGroup(custom),
        inLegend: hide.legend !== true,
        inTooltip: hide.tooltip !== true,
      },
    ];
  });
  stackSeries(series);
  return { times: times.map((ms) => ms / 1000), series };
}

function emptySeries(key: string, name: string, field: Field, theme: GrafanaTheme2): Series {
  return {
    key,
    name,
    color: fieldColor(field, theme),
    field,
    values: [],
    drawn: [],
    display: field.display ?? ((value) => ({ text: String(value), numeric: Number(value) })),
    custom: (field.config.custom ?? {}) as Record<string, unknown>,
    stackGroup: undefined,
    below: undefined,
    inLegend: true,
    inTooltip: true,
  };
}

/** The colour of a whole series: fixed, by palette, or of its last value when the mode goes by value. */
export function fieldColor(field: Field, theme: GrafanaTheme2): string {
  const mode = getFieldColorModeForField(field);
  if (mode.isByValue) {
    const last = (field.values as (number | null)[]).findLast((value) => value !== null);
    return field.display?.(last ?? null).color ?? theme.visualization.getColorByName('gray');
  }
  return mode.getCalculator(field, theme)(0, 0);
}

/** All moments, and the steps between them that no series has: those are gaps, not lines. */
function timesOf(sources: readonly Source[]): number[] {
  const all = new Set<number>();
  let step = 0;
  for (const { frame, time } of sources) {
    for (const at of time) all.add(at);
    const own = (frame.meta?.custom as { step?: number } | undefined)?.step ?? 0;
    step = Math.max(step, own);
  }
  const sorted = [...all].sort((a, b) => a - b);
  if (step <= 0) return sorted;
  const filled: number[] = [];
  for (const at of sorted) {
    const before = filled.at(-1);
    if (before !== undefined && at - before > step * 1.5) filled.push(before + step);
    filled.push(at);
  }
  return filled;
}

function stackGroup(custom: Record<string, unknown>): string | undefined {
  const { mode, group } = objectOption(custom, 'stacking') as { mode?: string; group?: string };
  if (mode !== 'normal' && mode !== 'percent') return undefined;
  return `${mode}/${group ?? 'A'}/${option(custom, 'transform', '')}/${option(custom, 'axisPlacement', 'auto')}`;
}

/** Adds each stacked series to the one below it; in percent of the group's sum where that is asked. */
function stackSeries(series: Series[]): void {
  const groups = new Map<string, number[]>();
  series.forEach((one, at) => {
    if (one.stackGroup === undefined || one.values.length === 0) return;
    groups.set(one.stackGroup, [...(groups.get(one.stackGroup) ?? []), at]);
  });
  for (const [group, members] of groups) {
    const length = series[members[0] ?? 0]?.drawn.length ?? 0;
    const sum = new Array<number>(length).fill(0);
    if (group.startsWith('percent/')) {
      for (const at of members) series[at]?.drawn.forEach((value, row) => (sum[row] = (sum[row] ?? 0) + Math.abs(value ?? 0)));
    }
    const total = new Array<number>(length).fill(0);
    members.forEach((at, position) => {
      const one = series[at];
      if (one === undefined) return;
      one.below = members[position - 1];
      one.drawn = one.drawn.map((value, row) => {
        const share = value === null ? 0 : group.startsWith('percent/') ? value / (sum[row] || 1) : value;
        total[row] = (total[row] ?? 0) + share;
        return value === null && position > 0 ? (total[row] ?? 0) : value === null ? null : (total[row] ?? 0);
      });
    });
  }
}
