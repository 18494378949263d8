import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import type { Annotation, PanelJson } from '@/features/dashboards/model/types';
import type { ResolvedRange } from '@/lib/timeRange';

/** What every kind of panel gets: frames with their field configuration, and its size in pixels. */
export interface PanelProps {
  panel: PanelJson;
  frames: DataFrame[];
  theme: GrafanaTheme2;
  range: ResolvedRange;
  width: number;
  height: number;
  /** Panels with the same key share their crosshair; undefined when they should not. */
  syncKey: string | undefined;
  onZoom: (fromMs: number, toMs: number) => void;
  /** What happened in the range: drawn over the time axis. */
  annotations: readonly Annotation[];
  /** Narrows the dashboard to a label's value, or excludes it; undefined when it has no ad hoc variable. */
  onFilter: ((key: string, operator: '=' | '!=', value: string) => void) | undefined;
  /** Replaces variables in texts that the panel shows. */
  replace: (text: string) => string;
}

/** Reads an option that may be missing or of another type. */
export function option(options: Record<string, unknown> | undefined, key: string, fallback: string): string;
export function option(options: Record<string, unknown> | undefined, key: string, fallback: number): number;
export function option(options: Record<string, unknown> | undefined, key: string, fallback: boolean): boolean;
export function option(options: Record<string, unknown> | undefined, key: string, fallback: unknown): unknown {
  const value = options?.[key];
  return typeof value === typeof fallback ? value : fallback;
}

export function objectOption(options: Record<string, unknown> | undefined, key: string): Record<string, unknown> {
  const value = options?.[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function listOption(options: Record<string, unknown> | undefined, key: string): string[] {
  const value = options?.[key];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
