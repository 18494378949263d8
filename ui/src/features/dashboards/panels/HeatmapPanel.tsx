import { type Field, FieldType, formattedValueToString, getDisplayProcessor, type GrafanaTheme2 } from '@grafana/data';
import { useMemo } from 'react';
import type uPlot from 'uplot';
import { writableDecimals } from '@/features/dashboards/data/fieldConfig';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { exemplarContent, exemplarsOf } from '@/features/dashboards/panels/chart/exemplars';
import { tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { cellAt, countRange, heatOf, type RowLayout } from '@/features/dashboards/panels/chart/heat';
import { calculationOf } from '@/features/dashboards/panels/chart/heatCalculation';
import { heatColors } from '@/features/dashboards/panels/chart/heatColors';
import { HeatScale } from '@/features/dashboards/panels/chart/HeatScale';
import { bucketText, exemplarPlace, type HeatModel, heatOptions, isShown } from '@/features/dashboards/panels/chart/paintHeat';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { momentText, shortMoment, type TimeZone } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './chart/chart.module.css';

const scaleHeight = 22;

/** Buckets over time, the stronger the more: classic and native histograms, or values counted here. */
export function HeatmapPanel({ panel, frames, theme, range, width, height, syncKey, onZoom, annotations }: PanelProps) {
  const { zone } = useChartSettings();
  const { options } = panel;
  const model = useMemo(() => modelOf(options, frames, theme, zone), [options, frames, theme, zone]);
  const tooltip = useMemo(() => ({ ...tooltipOptions(options), mode: tooltipMode(options), sort: 'none' }), [options]);
  const withBars = option(objectOption(options, 'tooltip'), 'yHistogram', false);
  const data = useMemo(() => {
    const times = [...new Set(model.heat.cells.map((cell) => (cell.from + cell.to) / 2000))].sort((a, b) => a - b);
    return [times, times.map(() => null)] as uPlot.AlignedData;
  }, [model]);
  const x = useMemo(() => ({ min: range.from / 1000, max: range.to / 1000 }), [range]);
  const { heat, colors } = model;
  if (heat.cells.length === 0) return <div className={classes.note}>No buckets to draw: the data have no numbers over time.</div>;
  const legend = option(objectOption(options, 'legend'), 'show', true) && height > 150 && width > 240;
  const plotHeight = height - (legend ? scaleHeight : 0);
  const buckets = heat.rows === undefined ? 'values' : `${heat.rows.length} buckets`;
  return (
    <div className={classes.layout}>
      <Chart
        model={model}
        look={JSON.stringify([heat.rows?.map((row) => row.name), heat.log, model.axis])}
        build={heatOptions}
        data={data}
        x={x}
        width={width}
        height={plotHeight}
        theme={theme}
        label={`${panel.title ?? 'Heatmap'}: ${buckets} over time, counts from ${count(model, colors.min)} to ${count(model, colors.max)}`}
        overTime
        annotations={annotations}
        syncKey={syncKey}
        onZoom={onZoom}
        tooltip={tooltip}
        describe={(plot, pointer) => describeHeat(plot, pointer, model, withBars)}
      />
      {legend && <HeatScale colors={colors} format={(value) => count(model, value)} width={width} />}
    </div>
  );
}

function tooltipMode(options: Record<string, unknown> | undefined): string {
  const tooltip = objectOption(options, 'tooltip');
  return tooltip.show === false || tooltip.mode === 'none' ? 'none' : 'multi';
}

function modelOf(options: Record<string, unknown> | undefined, frames: PanelProps['frames'], theme: GrafanaTheme2, zone: TimeZone): HeatModel {
  const [yAxis, cellValues, filter] = ['yAxis', 'cellValues', 'filterValues'].map((key) => objectOption(options, key));
  const layout = String(objectOption(options, 'rowsFrame').layout ?? 'auto') as RowLayout;
  const heat = heatOf(frames, layout, option(options, 'calculate', false) ? calculationOf(options) : undefined);
  const above = option(filter, 'le', 1e-9);
  const below = option(filter, 'ge', Infinity);
  const shown = heat.cells.filter((cell) => isShown({ above, below }, cell.count));
  return {
    heat,
    zone,
    above,
    below,
    colors: heatColors(options, theme, countRange(shown)),
    gap: option(options, 'cellGap', 1),
    radius: option(options, 'cellRadius', 0),
    showValue: !['never', ''].includes(option(options, 'showValue', 'never')),
    formatY: formatOf(option(yAxis, 'unit', fieldUnit(frames)), option(yAxis, 'decimals', -1), theme),
    formatCount: formatOf(option(cellValues, 'unit', 'short'), option(cellValues, 'decimals', -1), theme),
    axis: { placement: option(yAxis, 'axisPlacement', 'left'), label: option(yAxis, 'axisLabel', ''), reverse: option(yAxis, 'reverse', false), min: numberOf(yAxis?.min), max: numberOf(yAxis?.max) },
    exemplars: exemplarsOf(frames),
  };
}

/** Bounds have the unit of the panel's field where the axis names none. */
function fieldUnit(frames: PanelProps['frames']): string {
  return frames[0]?.fields.find((field) => field.type === FieldType.number)?.config.unit ?? 'short';
}

function formatOf(unit: string, decimals: number, theme: GrafanaTheme2): HeatModel['formatY'] {
  const field: Field = { name: '', type: FieldType.number, config: { unit, ...(decimals >= 0 ? { decimals: writableDecimals(decimals) } : {}) }, values: [] };
  return getDisplayProcessor({ field, theme });
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function count(model: HeatModel, value: number): string {
  return formattedValueToString(model.formatCount(value));
}

const reachPx = 8;

/** The exemplar or the cell under the pointer, with all that its column holds. */
function describeHeat(plot: uPlot, pointer: Pointer, model: HeatModel, withBars: boolean): TooltipContent | undefined {
  const { heat, zone } = model;
  const exemplar = pointer.remote ? undefined : model.exemplars.find((one) => {
    const place = exemplarPlace(plot, heat, one);
    return place !== undefined && Math.hypot(place.left - pointer.left, place.top - pointer.top) < reachPx;
  });
  if (exemplar !== undefined) return exemplarContent(exemplar, formattedValueToString(model.formatY(exemplar.value)), zone);
  const ms = plot.posToVal(pointer.left, 'x') * 1000;
  const cell = cellAt(heat.cells, ms, plot.posToVal(pointer.top, 'y'));
  const column = heat.cells.filter((one) => ms >= one.from && ms < one.to).sort((a, b) => a.low - b.low);
  const [first] = column;
  if (first === undefined || (pointer.remote && cell === undefined)) return undefined;
  return {
    title: `${momentText(Math.round(first.from), zone)} – ${shortMoment(Math.round(first.to), zone)}`,
    whole: true,
    rows: cell === undefined ? [] : [{ key: 'cell', name: bucketText(model, cell), color: model.colors.colors[model.colors.indexOf(cell.count)], text: count(model, cell.count), value: cell.count, near: true }],
    ...(withBars ? { bars: column.map((one) => ({ name: `${one.low}`, value: one.count, near: one === cell })) } : {}),
  };
}
