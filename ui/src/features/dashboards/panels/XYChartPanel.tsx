import { type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useEffect, useMemo } from 'react';
import type uPlot from 'uplot';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendColumns, legendOptions } from '@/features/dashboards/panels/chart/legend';
import { scaledX, type XyModel, xyOptions } from '@/features/dashboards/panels/chart/paintXy';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { momentText, type TimeZone } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { useHidden } from '@/features/dashboards/panels/chart/useHidden';
import { nearestPoint, xySeries } from '@/features/dashboards/panels/chart/xy';
import type { PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

const nothing: ReadonlySet<string> = new Set();

/** Points or lines of one field over another. */
export function XYChartPanel({ panel, frames, theme, width, height, onZoom }: PanelProps) {
  const { zone } = useChartSettings();
  const { options } = panel;
  const { hidden = nothing, onToggle, listed } = useHidden();
  const all = useMemo(() => xySeries(frames, options, theme), [frames, options, theme]);
  const model = useMemo((): XyModel => ({ series: all.filter((one) => !hidden.has(one.key)), zone }), [all, hidden, zone]);
  const legend = useMemo(() => legendOptions(options), [options]);
  const items = useMemo(() => {
    const made = all.map((one) => ({ key: one.key, name: one.name, color: one.color, cells: {} }));
    return made;
  }, [all]);
  useEffect(() => {
    listed.current = { keys: items.map((one) => one.key), hidden: [...hidden] };
  }, [listed, items, hidden]);
  const data = useMemo(() => {
    const xs = [...new Set(model.series.flatMap((one) => one.points.map((point) => scaledX(one, point.x))))].sort((a, b) => a - b);
    return [xs, xs.map(() => null)] as uPlot.AlignedData;
  }, [model]);
  const tooltip = useMemo(() => ({ ...tooltipOptions(options), sort: 'none' }), [options]);
  const columns = useMemo(() => legendColumns([]), []);
  const [first] = all;
  if (first === undefined) return <div className={classes.note}>An XY chart needs two fields of numbers in one table, or the fields that its options name.</div>;
  return (
    <ChartLayout width={width} height={height} legend={legend} items={items} columns={columns} hidden={hidden} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={model}
          look={JSON.stringify([model.series.map((one) => one.key), first.x.config, first.y.config, first.x.type])}
          build={xyOptions}
          data={data}
          x={undefined}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={`${panel.title ?? 'XY chart'}: ${all.map((one) => `${one.name}, ${one.points.length} points`).slice(0, 5).join('; ')} over ${getFieldDisplayName(first.x, first.frame)}`}
          overTime={false}
          syncKey={undefined}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={(plot, pointer) => describePoint(plot, pointer, model)}
        />
      )}
    </ChartLayout>
  );
}

const reachPx = 14;

function describePoint(plot: uPlot, { left, top }: Pointer, { series, zone }: XyModel): TooltipContent | undefined {
  const places = series.map((one) => (point: { x: number; y: number }) => ({ left: plot.valToPos(scaledX(one, point.x), 'x'), top: plot.valToPos(point.y, 'y') }));
  const [placeFirst] = places;
  if (placeFirst === undefined) return undefined;
  const found = nearestPoint(series, placeFirst, left, top, reachPx);
  const one = found === undefined ? undefined : series[found.at];
  if (found === undefined || one === undefined) return undefined;
  const { row } = found.point;
  // The other fields of the row say which thing the point is.
  const fields = [one.x, one.y, ...one.frame.fields.filter((field) => field !== one.x && field !== one.y)].slice(0, 12);
  return {
    title: one.name,
    whole: true,
    rows: fields.map((field) => ({ key: field.name, name: getFieldDisplayName(field, one.frame), color: field === one.y ? found.point.color : undefined, text: fieldText(field, row, zone), value: null, near: field === one.y, field, row })),
  };
}

function fieldText(field: Field, row: number, zone: TimeZone): string {
  const value: unknown = field.values[row];
  if (value == null) return '–';
  if (field.type === FieldType.time) return momentText(Number(value), zone);
  return field.display === undefined ? String(value) : formattedValueToString(field.display(value));
}
