import type { Field } from '@grafana/data';
import { objectOption, option } from '@/features/dashboards/panels/types';

export type DrawStyle = 'line' | 'bars' | 'points';
export type Interpolation = 'linear' | 'smooth' | 'stepBefore' | 'stepAfter';
export type Gradient = 'none' | 'opacity' | 'hue' | 'scheme';

/** How one series is drawn: fieldConfig.custom of Grafana's graphs, read with its defaults. */
export interface SeriesStyle {
  draw: DrawStyle;
  interpolation: Interpolation;
  /** CSS pixels. */
  lineWidth: number;
  /** 0 to 1. */
  fill: number;
  gradient: Gradient;
  dash: number[] | undefined;
  /** Dots need round ends. */
  round: boolean;
  points: 'auto' | 'always' | 'never';
  pointSize: number;
  /** Each sample's value is written beside it. */
  showValues: boolean;
  /** -1: the bar ends at its time, 0: it is centred, 1: it begins there. */
  barAlignment: -1 | 0 | 1;
  barWidth: number;
  barMaxWidth: number;
  /** true: over every gap; milliseconds: over shorter ones. */
  spanNulls: boolean | number;
  /** Milliseconds after which two samples are not connected; undefined: the query's step decides. */
  insertNulls: number | undefined;
  negative: boolean;
  /** The first value for all times. */
  constant: boolean;
  stack: { mode: 'normal' | 'percent'; group: string } | undefined;
  /** The name of the series down to which the area is filled. */
  fillBelowTo: string;
  hideLegend: boolean;
  hideTooltip: boolean;
  hideViz: boolean;
  /** off, line, dashed, area, line+area, dashed+area, series. */
  thresholds: string;
  axis: AxisStyle;
}

export interface AxisStyle {
  placement: 'auto' | 'left' | 'right' | 'hidden';
  label: string;
  /** CSS pixels; undefined: as wide as its labels. */
  width: number | undefined;
  grid: boolean | undefined;
  border: boolean;
  color: 'text' | 'series';
  centeredZero: boolean;
  softMin: number | undefined;
  softMax: number | undefined;
  scale: { type: 'linear' } | { type: 'log'; log: 2 | 10 } | { type: 'symlog'; log: 2 | 10; threshold: number };
}

export function customOf(field: Field): Record<string, unknown> {
  return (field.config.custom ?? {}) as Record<string, unknown>;
}

export function styleOf(field: Field): SeriesStyle {
  const custom = customOf(field);
  const hide = objectOption(custom, 'hideFrom');
  const transform = option(custom, 'transform', '');
  const line = objectOption(custom, 'lineStyle');
  return {
    draw: oneOf(custom.drawStyle, ['line', 'bars', 'points'], 'line'),
    interpolation: oneOf(custom.lineInterpolation, ['linear', 'smooth', 'stepBefore', 'stepAfter'], 'linear'),
    lineWidth: clamp(option(custom, 'lineWidth', 1), 0, 20),
    fill: clamp(option(custom, 'fillOpacity', 0), 0, 100) / 100,
    gradient: oneOf(custom.gradientMode, ['none', 'opacity', 'hue', 'scheme'], 'none'),
    dash: dashOf(line),
    round: line.fill === 'dot',
    points: oneOf(custom.showPoints, ['auto', 'always', 'never'], 'auto'),
    pointSize: clamp(option(custom, 'pointSize', 5), 1, 40),
    showValues: custom.showValues === true,
    barAlignment: custom.barAlignment === -1 || custom.barAlignment === 1 ? custom.barAlignment : 0,
    barWidth: clamp(option(custom, 'barWidthFactor', 0.6), 0.01, 1),
    barMaxWidth: option(custom, 'barMaxWidth', 200),
    spanNulls: typeof custom.spanNulls === 'number' || typeof custom.spanNulls === 'boolean' ? custom.spanNulls : false,
    insertNulls: typeof custom.insertNulls === 'number' && custom.insertNulls > 0 ? custom.insertNulls : undefined,
    negative: transform === 'negative-Y',
    constant: transform === 'constant',
    stack: stackOf(custom),
    fillBelowTo: option(custom, 'fillBelowTo', ''),
    hideLegend: hide.legend === true,
    hideTooltip: hide.tooltip === true,
    hideViz: hide.viz === true,
    thresholds: String(objectOption(custom, 'thresholdsStyle').mode ?? 'off'),
    axis: axisOf(custom),
  };
}

function axisOf(custom: Record<string, unknown>): AxisStyle {
  const distribution = objectOption(custom, 'scaleDistribution');
  const log = Number(distribution.log) === 2 ? 2 : 10;
  const type = oneOf(distribution.type, ['linear', 'log', 'symlog'], 'linear');
  return {
    placement: oneOf(custom.axisPlacement, ['auto', 'left', 'right', 'hidden'], 'auto'),
    label: option(custom, 'axisLabel', ''),
    width: numberOrNone(custom.axisWidth),
    grid: typeof custom.axisGridShow === 'boolean' ? custom.axisGridShow : undefined,
    border: option(custom, 'axisBorderShow', false),
    color: oneOf(custom.axisColorMode, ['text', 'series'], 'text'),
    centeredZero: option(custom, 'axisCenteredZero', false),
    softMin: numberOrNone(custom.axisSoftMin),
    softMax: numberOrNone(custom.axisSoftMax),
    scale: type === 'linear' ? { type } : type === 'log' ? { type, log } : { type, log, threshold: Number(distribution.linearThreshold) || 1 },
  };
}

function stackOf(custom: Record<string, unknown>): SeriesStyle['stack'] {
  const { mode, group } = objectOption(custom, 'stacking');
  if (mode !== 'normal' && mode !== 'percent') return undefined;
  return { mode, group: typeof group === 'string' ? group : 'A' };
}

function dashOf(line: Record<string, unknown>): number[] | undefined {
  if (line.fill !== 'dash' && line.fill !== 'dot') return undefined;
  const given = Array.isArray(line.dash) ? line.dash.filter((one): one is number => typeof one === 'number' && one >= 0) : [];
  if (given.length > 0 && given.some((one) => one > 0)) return given;
  return line.fill === 'dot' ? [0, 8] : [10, 10];
}

function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.find((one) => one === value) ?? fallback;
}

function numberOrNone(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
