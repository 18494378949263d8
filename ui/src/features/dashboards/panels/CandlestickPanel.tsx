import { FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useMemo } from 'react';
import type uPlot from 'uplot';
import { candleFields, direction } from '@/features/dashboards/panels/chart/candles';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { describeGraph, tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendColumns, legendItems, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { type CandleLook, paintCandles, volumeShare } from '@/features/dashboards/panels/chart/paintCandles';
import { scaleKey } from '@/features/dashboards/panels/chart/scales';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { momentText } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { useHidden, useListed } from '@/features/dashboards/panels/chart/useHidden';
import { graphData, graphLook, type GraphLook, graphOptions } from '@/features/dashboards/panels/plot';
import { type Graph, graphOverField, withCustom } from '@/features/dashboards/panels/series';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

type Model = GraphLook & { look: CandleLook; prices: number };

/** Open, high, low and close over time, with the volume below; other fields as lines. */
export function CandlestickPanel({ panel, frames, theme, range, width, height, syncKey, onZoom, annotations }: PanelProps) {
  const { zone } = useChartSettings();
  const { options } = panel;
  const { hidden, onToggle, listed } = useHidden();
  const fields = useMemo(() => candleFields(frames, options), [frames, options]);
  const all = option(options, 'includeAllFields', false);
  // High and low are there for the axis; the candles are painted over them.
  const graph = useMemo((): Graph => {
    if (typeof fields === 'string') return { times: [], series: [] };
    const prices = [fields.high, fields.low, fields.open, fields.close].map((field) => withCustom(field, {}));
    const x = { ...fields.time, type: FieldType.number, values: (fields.time.values as number[]).map((ms) => ms / 1000) };
    return graphOverField({ ...fields.frame, fields: [x, ...prices, ...(all ? fields.others : [])] }, x, theme, hidden);
  }, [fields, all, theme, hidden]);
  const legend = useMemo(() => legendOptions(options), [options]);
  const columns = useMemo(() => legendColumns(legend.calcs), [legend]);
  const items = useMemo(() => (all ? legendItems(graph.series.slice(4), columns) : []), [graph, columns, all]);
  const off = useListed(listed, items, graph);
  const tooltip = useMemo(() => ({ ...tooltipOptions(options), sort: 'none' }), [options]);
  const data = useMemo(() => graphData(graph), [graph]);
  const x = useMemo(() => ({ min: range.from / 1000, max: range.to / 1000 }), [range]);
  const look = useMemo(() => graphLook(graph, [zone, options]), [graph, zone, options]);
  if (typeof fields === 'string') return <div className={classes.note}>{fields}</div>;
  const colors = objectOption(options, 'colors');
  const color = (name: string, fallback: string) => theme.visualization.getColorByName(option(colors, name, fallback));
  const candles: CandleLook = {
    fields,
    theme,
    mode: option(options, 'mode', 'candles+volume'),
    style: option(options, 'candleStyle', 'candles'),
    strategy: option(options, 'colorStrategy', 'open-close'),
    colors: { up: color('up', 'green'), down: color('down', 'red'), flat: color('flat', 'gray') },
  };
  const text = (row: number) => (fields.close.display === undefined ? String(fields.close.values[row]) : formattedValueToString(fields.close.display(fields.close.values[row])));
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={off} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={{ graph, theme, zone, height: plotHeight, look: candles, prices: 4 }}
          look={look}
          build={buildCandles}
          data={data}
          x={x}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={`${panel.title ?? 'Candlestick'}: ${fields.time.values.length} candles. Newest close: ${text(fields.close.values.length - 1)}`}
          overTime
          annotations={annotations}
          syncKey={syncKey}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={(plot, pointer) => describeCandle(plot, pointer, candles, graph, zone)}
        />
      )}
    </ChartLayout>
  );
}

function buildCandles(latest: () => Model): Omit<uPlot.Options, 'width' | 'height'> {
  const { prices, graph, look } = latest();
  const options = graphOptions(latest);
  const [first] = graph.series;
  const key = first === undefined ? undefined : scaleKey(first);
  const volume = look.mode === 'candles+volume' && look.fields.volume !== undefined;
  const range = key === undefined ? undefined : options.scales?.[key]?.range;
  return {
    ...options,
    cursor: { ...options.cursor, points: { show: false } },
    series: (options.series ?? []).map((series, at) => (at >= 1 && at <= prices ? { ...series, paths: () => null, points: { show: false } } : series)),
    scales: {
      ...options.scales,
      // The volume stands below the candles, not behind them.
      ...(key !== undefined && volume && typeof range === 'function' ? { [key]: { ...options.scales?.[key], range: (plot, min, max, name) => below(range(plot, min, max, name)) } } : {}),
    },
    hooks: { ...options.hooks, draw: [(plot) => paintCandles(plot, latest().look, key), ...(options.hooks?.draw ?? [])] },
  };
}

function below([min, max]: uPlot.Range.MinMax): uPlot.Range.MinMax {
  return [(min ?? 0) - ((max ?? 1) - (min ?? 0)) * (volumeShare / (1 - volumeShare)), max];
}

function describeCandle(plot: uPlot, pointer: Pointer, look: CandleLook, graph: Graph, zone: string): TooltipContent | undefined {
  const { fields } = look;
  const row = pointer.index;
  if (row === undefined) return undefined;
  const color = look.colors[direction(fields, row, look.strategy)];
  const roles = [['Open', fields.open], ['High', fields.high], ['Low', fields.low], ['Close', fields.close], ['Volume', fields.volume]] as const;
  const rows = roles.flatMap(([name, field]) => {
    const value = field?.values[row] as number | null | undefined;
    if (field === undefined || value == null) return [];
    return [{ key: name, name, color: name === 'Close' ? color : undefined, text: field.display === undefined ? String(value) : formattedValueToString(field.display(value)), value, near: name === 'Close', field, row }];
  });
  const others = describeGraph({ ...graph, series: graph.series.map((one, at) => (at < 4 ? { ...one, inTooltip: false } : one)) }, plot, pointer, () => '');
  if (rows.length === 0) return undefined;
  return { title: momentText(fields.time.values[row] as number, zone), whole: true, rows: [...rows, ...(others?.rows ?? []).map((one) => ({ ...one, name: one.field === undefined ? one.name : getFieldDisplayName(one.field), near: false }))] };
}
