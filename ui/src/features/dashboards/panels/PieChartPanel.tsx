import { formattedValueToString } from '@grafana/data';
import { type MouseEvent, useEffect, useMemo, useRef, useState } from 'react';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { ChartTooltip } from '@/features/dashboards/panels/chart/ChartTooltip';
import { tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendOptions } from '@/features/dashboards/panels/chart/legend';
import { arcPath, pieSlices, type Slice, sliceMiddle } from '@/features/dashboards/panels/chart/pie';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { useHidden } from '@/features/dashboards/panels/chart/useHidden';
import { readable } from '@/features/dashboards/panels/readable';
import { listOption, objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { reducedValues } from '@/features/dashboards/panels/values';
import classes from './chart/chart.module.css';

const donutHole = 0.6;

const nothing: ReadonlySet<string> = new Set();

/** Shares of a whole, as a pie or a ring. Negative values have no share. */
export function PieChartPanel({ panel, frames, theme, width, height }: PanelProps) {
  const { options } = panel;
  const { hidden = nothing, onToggle, listed } = useHidden();
  const values = useMemo(() => reducedValues(panel, frames), [panel, frames]);
  const { slices, items } = useMemo(() => {
    const made = pieSlices(values, theme, hidden, option(options, 'sort', 'desc'));
    return made;
  }, [values, theme, hidden, options]);
  useEffect(() => {
    listed.current = { keys: items.map((one) => one.key), hidden: [...hidden] };
  }, [listed, items, hidden]);
  const shown = listOption(objectOption(options, 'legend'), 'values');
  const legend = useMemo(() => legendOptions(options), [options]);
  const columns = useMemo(() => [...(shown.includes('value') ? [{ id: 'value', name: 'Value' }] : []), ...(shown.includes('percent') ? [{ id: 'percent', name: 'Percent' }] : [])], [shown]);
  // The columns of a pie's table are its values.
  const roomy = useMemo(() => ({ ...legend, calcs: columns.map((column) => column.id) }), [legend, columns]);
  if (items.length === 0) return <div className={classes.note}>No numbers to share out.</div>;
  const newest = slices.slice(0, 5).map((slice) => `${slice.name} ${slice.percent}`);
  return (
    <ChartLayout width={width} height={height} legend={roomy} items={items} columns={columns} hidden={hidden} onToggle={onToggle}>
      {(plotWidth, plotHeight) => (
        <Pie
          slices={slices}
          width={plotWidth}
          height={plotHeight}
          donut={option(options, 'pieType', 'pie') === 'donut'}
          labels={listOption(options, 'displayLabels')}
          options={tooltipOptions(options)}
          label={`${panel.title ?? 'Pie chart'}: ${slices.length} slices. ${newest.join(', ')}`}
        />
      )}
    </ChartLayout>
  );
}

interface PieProps {
  slices: readonly Slice[];
  width: number;
  height: number;
  donut: boolean;
  labels: readonly string[];
  options: ReturnType<typeof tooltipOptions>;
  label: string;
}

function Pie({ slices, width, height, donut, labels, options, label }: PieProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ at: number; left: number; top: number; pinned: boolean; element: HTMLElement }>();
  const radius = Math.max(10, Math.min(width, height) / 2 - 6);
  const move = (at: number, pin: boolean) => (event: MouseEvent) => {
    const element = holder.current;
    if (element === null || (hover?.pinned === true && !pin)) return;
    const box = element.getBoundingClientRect();
    setHover({ at, left: event.clientX - box.left, top: event.clientY - box.top, pinned: pin && hover?.pinned !== true, element });
  };
  return (
    <div ref={holder} className={classes.pie} style={{ width, height }} onMouseLeave={() => hover?.pinned !== true && setHover(undefined)}>
      <svg width={width} height={height} viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`} role="img" aria-label={label}>
        {slices.map((slice, at) => (
          <path
            key={slice.key}
            d={arcPath(slice.from, slice.part, radius, donut ? radius * donutHole : 0)}
            fill={slice.color}
            stroke="var(--panel)"
            strokeWidth={slices.length > 1 ? 1.5 : 0}
            opacity={hover === undefined || hover.at === at ? 1 : 0.55}
            onMouseMove={move(at, false)}
            onClick={move(at, true)}
          />
        ))}
        {labels.length > 0 && slices.map((slice) => <SliceLabel key={slice.key} slice={slice} radius={radius} donut={donut} labels={labels} />)}
      </svg>
      {hover !== undefined && options.mode !== 'none' && <ChartTooltip content={describe(slices, hover.at)} options={options} anchor={hover.element} left={hover.left} top={hover.top} pinned={hover.pinned} onClose={() => setHover(undefined)} />}
    </div>
  );
}

/** What a slice is, written into it when there is room. */
function SliceLabel({ slice, radius, donut, labels }: { slice: Slice; radius: number; donut: boolean; labels: readonly string[] }) {
  const lines = [labels.includes('name') ? slice.name : '', labels.includes('value') ? slice.text : '', labels.includes('percent') ? slice.percent : ''].filter((line) => line !== '');
  const at = donut ? (1 + donutHole) / 2 : 0.64;
  const { x, y } = sliceMiddle(slice, radius * at);
  const room = donut ? radius * (1 - donutHole) : Math.min(radius, 2 * Math.PI * slice.part * radius * at);
  const longest = Math.max(...lines.map((line) => line.length));
  if (room < Math.min(longest, 14) * 6.2 || 2 * Math.PI * slice.part * radius * at < lines.length * 14) return null;
  return (
    <text x={x} y={y - ((lines.length - 1) * 14) / 2} textAnchor="middle" dominantBaseline="middle" fontSize={11.5} fontWeight={550} fill={readable(slice.color)} pointerEvents="none">
      {lines.map((line, index) => (
        <tspan key={line} x={x} dy={index === 0 ? 0 : 14}>
          {line.length > 22 ? `${line.slice(0, 21)}…` : line}
        </tspan>
      ))}
    </text>
  );
}

function describe(slices: readonly Slice[], at: number): TooltipContent {
  return {
    title: slices[at]?.name ?? '',
    rows: slices.map((slice, index) => ({ key: slice.key, name: slice.name, color: slice.color, text: `${formattedValueToString(slice.one.display)} (${slice.percent})`, value: slice.one.value, near: index === at, field: slice.one.field, row: slice.row })),
  };
}
