import { FieldType, formattedValueToString } from '@grafana/data';
import { useMemo } from 'react';
import type uPlot from 'uplot';
import { type BarModel, barColor, barOptions, barsOf } from '@/features/dashboards/panels/chart/bars';
import { categoriesOf } from '@/features/dashboards/panels/chart/barLayout';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { graphLabel, tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendColumns, legendItems, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { momentText, timeLabels } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { useHidden, useListed } from '@/features/dashboards/panels/chart/useHidden';
import { graphData, graphLook } from '@/features/dashboards/panels/plot';
import { graphOverField, textOf, withCustom } from '@/features/dashboards/panels/series';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

const defaults = { fillOpacity: 80, lineWidth: 1, drawStyle: 'bars' };
const mostCategories = 2000;

/** Bars by category, upright or lying, beside each other or stacked. */
export function BarChartPanel({ panel, frames, theme, width, height, onZoom }: PanelProps) {
  const { zone } = useChartSettings();
  const { options } = panel;
  const { hidden, onToggle, listed } = useHidden();
  const stacking = option(options, 'stacking', 'none');
  const table = useMemo(() => categoriesOf(frames, option(options, 'xField', '')), [frames, options]);
  const graph = useMemo(() => {
    if (table === undefined) return { times: [], series: [] };
    const length = Math.min(table.x.values.length, mostCategories);
    const index = { name: 'index', type: FieldType.number, config: {}, values: Array.from({ length }, (_, at) => at) };
    const custom = stacking === 'none' ? {} : { stacking: { mode: stacking, group: 'A' } };
    const numbers = table.frame.fields.filter((field) => field.type === FieldType.number).map((field) => withCustom({ ...field, values: field.values.slice(0, length) }, { ...defaults, ...custom }));
    return graphOverField({ ...table.frame, fields: [index, ...numbers] }, index, theme, hidden);
  }, [table, stacking, theme, hidden]);
  const labels = useMemo(() => {
    if (table === undefined) return [];
    const { x } = table;
    const values = x.values.slice(0, mostCategories) as unknown[];
    if (x.type === FieldType.time) return timeLabels(values.map((value) => Number(value) / 1000), 60, zone);
    return values.map((value) => (x.display === undefined ? String(value ?? '') : formattedValueToString(x.display(value))));
  }, [table, zone]);
  const legend = useMemo(() => legendOptions(options), [options]);
  const columns = useMemo(() => legendColumns(legend.calcs), [legend]);
  const items = useMemo(() => legendItems(graph.series, columns), [graph, columns]);
  const off = useListed(listed, items, graph);
  const tooltip = useMemo(() => tooltipOptions(options), [options]);
  const data = useMemo(() => graphData(graph), [graph]);
  const horizontal = option(options, 'orientation', 'auto') === 'horizontal' || (option(options, 'orientation', 'auto') === 'auto' && width < height * 0.6);
  const colorBy = useMemo(() => table?.frame.fields.find((field) => field.name === option(options, 'colorByField', '')), [table, options]);
  const look = useMemo(() => graphLook(graph, [horizontal, options?.xTickLabelRotation, options?.xTickLabelSpacing]), [graph, horizontal, options]);
  if (table === undefined || graph.series.length === 0) return <div className={classes.note}>A bar chart needs a field of text or time, and numbers beside it.</div>;
  const model = (plotWidth: number, plotHeight: number): BarModel => ({
    graph, labels, theme, horizontal, colorBy, stacked: stacking !== 'none', width: plotWidth, height: plotHeight,
    groupWidth: option(options, 'groupWidth', 0.7),
    barWidth: option(options, 'barWidth', 0.97),
    radius: option(options, 'barRadius', 0),
    showValue: option(options, 'showValue', 'auto'),
    valueSize: option(objectOption(options, 'text'), 'valueSize', 0),
    rotation: option(options, 'xTickLabelRotation', 0),
    maxLabel: option(options, 'xTickLabelMaxLength', 0),
    labelSpacing: option(options, 'xTickLabelSpacing', 0),
  });
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={off} onToggle={onToggle}>
      {(plotWidth, plotHeight) => {
        const current = model(plotWidth, plotHeight);
        return (
          <Chart model={current} look={look} build={barOptions} data={data} x={undefined} width={plotWidth} height={plotHeight} theme={theme} label={`${graphLabel(panel.title ?? 'Bar chart', graph)}. ${labels.length} categories`} overTime={false} syncKey={undefined} onZoom={onZoom} tooltip={tooltip} describe={(plot, pointer) => describeBars(plot, pointer, current, (row) => (table.x.type === FieldType.time ? momentText(Number(table.x.values[row]), zone) : (labels[row] ?? '')))} />
        );
      }}
    </ChartLayout>
  );
}

/** The category under the pointer, and which of its bars is nearest. */
function describeBars(plot: uPlot, pointer: Pointer, model: BarModel, title: (row: number) => string): TooltipContent | undefined {
  const { horizontal, graph, labels } = model;
  const row = Math.round(plot.posToVal(horizontal ? pointer.top : pointer.left, 'x'));
  if (labels[row] === undefined) return undefined;
  const x = pointer.left * devicePixelRatio + plot.bbox.left;
  const y = pointer.top * devicePixelRatio + plot.bbox.top;
  let near = -1;
  let distance = Infinity;
  for (const bar of barsOf(plot, model)) {
    if (bar.row !== row) continue;
    const away = Math.hypot(Math.max(bar.x - x, 0, x - bar.x - bar.width), Math.max(bar.y - y, 0, y - bar.y - bar.height));
    if (away < distance) [near, distance] = [bar.series, away];
  }
  const rows = graph.series.flatMap((series, at) => {
    const value = series.values[row];
    if (value == null || !series.inTooltip || series.drawn.length === 0) return [];
    return [{ key: series.key, name: series.name, color: barColor(series, row, model), text: textOf(series, value), value, near: at === near, field: series.field, row }];
  });
  return { title: title(row), rows };
}
