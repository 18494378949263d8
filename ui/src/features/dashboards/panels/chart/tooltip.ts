import type { Field } from '@grafana/data';

/** One line of a tooltip. */
export interface TooltipRow {
  key: string;
  name: string;
  /** undefined: no swatch. */
  color: string | undefined;
  text: string;
  /** What it is sorted by. */
  value: number | null | undefined;
  near: boolean;
  /** Where the value comes from, for its links. */
  field?: Field | undefined;
  row?: number | undefined;
}

export interface TooltipContent {
  title: string;
  rows: TooltipRow[];
  /** Every row in this order, whatever the panel says of several series. */
  whole?: boolean;
  /** Bars of what a heatmap's column holds, lowest first. */
  bars?: { name: string; value: number; near: boolean }[];
}

/** options.tooltip of a panel. */
export interface TooltipOptions {
  mode: string; // single, multi, none
  sort: string; // none, asc, desc
  hideZeros: boolean;
  maxHeight: number | undefined;
}

export const tooltipRows = 20;

/** The lines to show, and how many more there are: sorted, the nearest one always among them. */
export function tooltipView(rows: readonly TooltipRow[], options: Pick<TooltipOptions, 'mode' | 'sort' | 'hideZeros'>, limit = tooltipRows): { shown: TooltipRow[]; more: number } {
  let list = options.mode === 'single' ? rows.filter((row) => row.near) : [...rows];
  if (options.hideZeros) list = list.filter((row) => row.value !== 0);
  if (options.sort === 'asc' || options.sort === 'desc') {
    const sign = options.sort === 'asc' ? 1 : -1;
    list = list.toSorted((a, b) => sign * ((a.value ?? -Infinity) - (b.value ?? -Infinity)));
  }
  const near = Math.max(0, list.findIndex((row) => row.near));
  const first = Math.max(0, Math.min(near - limit + 3, list.length - limit));
  return { shown: list.slice(first, first + limit), more: Math.max(0, list.length - limit) };
}

/** A tooltip as lines of text with tabs, for the clipboard. */
export function tooltipText({ title, rows }: TooltipContent): string {
  return [title, ...rows.map((row) => `${row.name}\t${row.text}`)].join('\n');
}
