import { type DataFrame, type DisplayProcessor, type Field, FieldType, getDisplayProcessor, getFieldColorModeForField, getFieldDisplayName, type GrafanaTheme2 } from '@grafana/data';
import { matches } from '@/features/dashboards/data/fieldConfig';
import { customOf } from '@/features/dashboards/panels/chart/style';
import { fieldColor, isExemplars } from '@/features/dashboards/panels/series';
import { objectOption, option } from '@/features/dashboards/panels/types';

/** One cloud of points or one line of an XY chart. */
export interface XySeries {
  key: string;
  name: string;
  color: string;
  x: Field;
  y: Field;
  frame: DataFrame;
  points: XyPoint[];
  showPoints: boolean;
  showLine: boolean;
  lineWidth: number;
  dash: number[];
  fill: number;
  square: boolean;
  strokeWidth: number;
}

export interface XyPoint {
  x: number;
  y: number;
  row: number;
  /** Diameter in CSS pixels. */
  size: number;
  color: string;
}

interface Chosen {
  frame: DataFrame;
  x: Field;
  y: Field;
  size: Field | undefined;
  color: Field | undefined;
  name: string | undefined;
  /** Of a series as dashboards before version 11 write it. */
  old: Record<string, unknown> | undefined;
}

const mostPoints = 50_000;
const defaultSize = 5;

/** The series that options.mapping (or the older seriesMapping) describes; hidden ones are left out of the points. */
export function xySeries(frames: readonly DataFrame[], options: Record<string, unknown> | undefined, theme: GrafanaTheme2): XySeries[] {
  const usable = frames.filter((frame) => !isExemplars(frame));
  const chosen = chooseAll(usable, options);
  const names = new Map<string, number>();
  let left = mostPoints;
  return chosen.map((one): XySeries => {
    const { frame, x, y } = one;
    const custom = { ...customOf(y), ...(one.old === undefined ? {} : oldCustom(one.old)) };
    const name = one.name ?? getFieldDisplayName(y, frame, [...frames]);
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    const show = option(custom, 'show', 'points');
    const line = objectOption(custom, 'lineStyle');
    const color = fieldColor(y, theme);
    const points = pointsOf(one, custom, color, theme).slice(0, Math.max(0, left));
    left -= points.length;
    return {
      key: count === 0 ? name : `${name}#${count}`,
      name, color, x, y, frame, points,
      showPoints: show.includes('points'),
      showLine: show.includes('line'),
      lineWidth: option(custom, 'lineWidth', 1),
      dash: line.fill === 'dash' || line.fill === 'dot' ? (Array.isArray(line.dash) ? (line.dash as number[]) : [6, 6]) : [],
      fill: option(custom, 'fillOpacity', 50) / 100,
      square: option(custom, 'pointShape', 'circle') === 'square',
      strokeWidth: option(custom, 'pointStrokeWidth', 1),
    };
  });
}

/** What a series of an older dashboard said itself is field configuration now. */
function oldCustom(series: Record<string, unknown>): Record<string, unknown> {
  const size = objectOption(series, 'pointSize');
  return {
    ...(typeof series.show === 'string' ? { show: series.show } : {}),
    ...(typeof series.lineWidth === 'number' ? { lineWidth: series.lineWidth } : {}),
    ...(Object.keys(size).length > 0 ? { pointSize: size } : {}),
  };
}

function chooseAll(frames: readonly DataFrame[], options: Record<string, unknown> | undefined): Chosen[] {
  const manual = option(options, 'mapping', option(options, 'seriesMapping', 'auto')) === 'manual';
  const list = Array.isArray(options?.series) ? (options.series as unknown[]).filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null) : [];
  if (manual) return list.flatMap((series) => chooseManual(frames, series));
  const matched = list[0] !== undefined && typeof list[0].x === 'object' ? list[0] : undefined;
  const dims = objectOption(options, 'dims');
  const index = typeof dims.frame === 'number' ? dims.frame : undefined;
  return frames.flatMap((frame, at) => (index === undefined || index === at ? chooseAuto(frame, matched, typeof dims.x === 'string' ? dims.x : '', Array.isArray(dims.exclude) ? (dims.exclude as string[]) : []) : []));
}

/** The first number is x (or time, when nothing else is left), each other one is y. */
function chooseAuto(frame: DataFrame, matched: Record<string, unknown> | undefined, xName: string, exclude: readonly string[]): Chosen[] {
  const numbers = frame.fields.filter((field) => field.type === FieldType.number);
  const asked = matched === undefined ? undefined : fieldBy(matched.x, frame, frame.fields);
  const named = frame.fields.find((field) => xName !== '' && (field.name === xName || getFieldDisplayName(field, frame) === xName));
  const x = asked ?? named ?? (numbers.length > 1 ? numbers[0] : frame.fields.find((field) => field.type === FieldType.time));
  if (x === undefined) return [];
  const [size, color] = [fieldBy(matched?.size, frame, numbers), fieldBy(matched?.color, frame, numbers)];
  return numbers.filter((field) => field !== x && field !== size && field !== color && !exclude.includes(field.name) && objectOption(customOf(field), 'hideFrom').viz !== true).map((y) => ({ frame, x, y, size, color, name: undefined, old: undefined }));
}

function chooseManual(frames: readonly DataFrame[], series: Record<string, unknown>): Chosen[] {
  const fixed = typeof series.name === 'string' ? series.name : objectOption(series, 'name').fixed;
  const name = typeof fixed === 'string' && fixed !== '' ? fixed : undefined;
  const frameMatcher = objectOption(objectOption(series, 'frame'), 'matcher');
  const index = typeof series.frame === 'number' ? series.frame : frameMatcher.id === 'byIndex' ? Number(frameMatcher.options ?? 0) : undefined;
  return frames.flatMap((frame, at): Chosen[] => {
    if (index !== undefined && index !== at) return [];
    const x = fieldBy(series.x, frame, frame.fields) ?? (series.x === undefined ? frame.fields.find((field) => field.type === FieldType.number) : undefined);
    const y = fieldBy(series.y, frame, frame.fields);
    if (x === undefined || y === undefined || x === y) return [];
    const numbers = frame.fields.filter((field) => field.type === FieldType.number);
    const old = typeof series.x === 'string' ? series : undefined;
    const part = (role: 'size' | 'color'): Field | undefined => fieldBy(series[role], frame, numbers) ?? fieldBy(objectOption(series, role === 'size' ? 'pointSize' : 'pointColor').field, frame, numbers);
    return [{ frame, x, y, size: part('size'), color: part('color'), name, old }];
  });
}

/** A field by its name, or by a matcher as field overrides have them. */
function fieldBy(given: unknown, frame: DataFrame, fields: readonly Field[]): Field | undefined {
  if (typeof given === 'string') return given === '' ? undefined : fields.find((field) => field.name === given || getFieldDisplayName(field, frame) === given);
  const matcher = objectOption(given as Record<string, unknown> | undefined, 'matcher');
  if (typeof matcher.id !== 'string') return undefined;
  const wanted = { id: matcher.id, options: matcher.options };
  return fields.find((field) => matches(wanted, field, getFieldDisplayName(field, frame), frame));
}

function pointsOf({ x, y, size, color }: Chosen, custom: Record<string, unknown>, plain: string, theme: GrafanaTheme2): XyPoint[] {
  const sizes = objectOption(custom, 'pointSize');
  const fixed = option(sizes, 'fixed', defaultSize);
  const [least, most] = [option(sizes, 'min', 5), option(sizes, 'max', 40)];
  const [low, high] = size === undefined ? [0, 0] : extent(size.values as (number | null)[]);
  const byValue = y.config.color?.mode !== undefined && getFieldColorModeForField(y).isByValue === true;
  const paint = color === undefined ? undefined : ownScheme(color, theme);
  const points: XyPoint[] = [];
  for (let row = 0; row < Math.min(y.values.length, mostPoints); row++) {
    const [atX, atY] = [x.values[row] as number | null, y.values[row] as number | null];
    if (atX === null || atY === null || atX === undefined || atY === undefined) continue;
    const big = size?.values[row] as number | null | undefined;
    const tone = paint?.(color?.values[row]).color ?? (byValue ? y.display?.(atY).color : undefined);
    points.push({ x: atX, y: atY, row, size: big == null || high <= low ? fixed : least + ((big - low) / (high - low)) * (most - least), color: tone === undefined ? plain : theme.visualization.getColorByName(tone) });
  }
  return points;
}

/** A field that gives colours does so over its own values: the range of all fields would make them alike. */
function ownScheme(color: Field, theme: GrafanaTheme2): DisplayProcessor | undefined {
  if (getFieldColorModeForField(color).isContinuous !== true) return color.display;
  const [low, high] = extent(color.values as (number | null)[]);
  if (low > high) return color.display;
  return getDisplayProcessor({ field: { ...color, config: { ...color.config, min: color.config.min ?? low, max: color.config.max ?? high }, state: null }, theme });
}

export function extent(values: readonly (number | null)[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The point nearest to a place within reach: what the pointer means. */
export function nearestPoint(series: readonly XySeries[], place: (point: XyPoint) => { left: number; top: number }, left: number, top: number, reach: number): { at: number; point: XyPoint } | undefined {
  let found: { at: number; point: XyPoint } | undefined;
  let distance = Infinity;
  series.forEach((one, at) => {
    for (const point of one.points) {
      const where = place(point);
      const away = Math.hypot(where.left - left, where.top - top) - point.size / 2;
      if (away < reach && away < distance) [found, distance] = [{ at, point }, away];
    }
  });
  return found;
}
