import type uPlot from 'uplot';
import type { Pointer } from '@/features/dashboards/panels/chart/Chart';
import type { TooltipContent, TooltipOptions, TooltipRow } from '@/features/dashboards/panels/chart/tooltip';
import { type Graph, textOf } from '@/features/dashboards/panels/series';
import { objectOption, option } from '@/features/dashboards/panels/types';

export function tooltipOptions(options: Record<string, unknown> | undefined): TooltipOptions {
  const tooltip = objectOption(options, 'tooltip');
  const maxHeight = option(tooltip, 'maxHeight', 0);
  return { mode: option(tooltip, 'mode', 'single'), sort: option(tooltip, 'sort', 'none'), hideZeros: option(tooltip, 'hideZeros', false), maxHeight: maxHeight > 0 ? maxHeight : undefined };
}

/** What a graph's series are at the pointer: the sample next to it of each, and which one is nearest. */
export function describeGraph(graph: Graph, plot: uPlot, pointer: Pointer, title: (x: number) => string): TooltipContent | undefined {
  const { index } = pointer;
  const x = index === undefined ? undefined : graph.times[index];
  if (index === undefined || x === undefined) return undefined;
  const near = nearest(graph, plot, pointer);
  const rows = graph.series.flatMap((series, at): TooltipRow[] => {
    if (!series.inTooltip || series.drawn.length === 0) return [];
    const own = plot.cursor.idxs?.[at + 1] ?? index;
    const value = series.values[own];
    if (value == null) return [];
    return [{ key: series.key, name: series.name, color: series.color, text: textOf(series, value), value, near: at === near, field: series.field, row: series.rows === undefined ? own : series.rows[own] }];
  });
  return rows.length === 0 ? undefined : { title: title(x), rows };
}

/** The series whose line is nearest to the pointer there; undefined when none has a value. */
function nearest(graph: Graph, plot: uPlot, { index, top }: Pointer): number | undefined {
  let found: number | undefined;
  let distance = Infinity;
  graph.series.forEach((series, at) => {
    const value = series.drawn[plot.cursor.idxs?.[at + 1] ?? index ?? 0];
    const scale = plot.series[at + 1]?.scale;
    if (value == null || scale === undefined || !series.inTooltip) return;
    const away = Math.abs(plot.valToPos(value, scale) - top);
    if (away < distance) [found, distance] = [at, away];
  });
  return found;
}

const mostSpoken = 5;

/** For screen readers: what is drawn, and each series' newest value. */
export function graphLabel(title: string | undefined, graph: Graph): string {
  const shown = graph.series.filter((one) => one.drawn.length > 0);
  const newest = shown.slice(0, mostSpoken).map((one) => `${one.name} ${textOf(one, one.values.findLast((value) => value != null))}`);
  const rest = shown.length > mostSpoken ? `, and ${shown.length - mostSpoken} more` : '';
  return `${title === undefined || title === '' ? 'Graph' : title}: ${graph.series.length} series${newest.length > 0 ? `. Newest: ${newest.join(', ')}${rest}` : ''}`;
}
