import { useMemo, useState } from 'react';
import type uPlot from 'uplot';
import { Chart, type Pointer } from '@/features/dashboards/panels/chart/Chart';
import { ChartLayout } from '@/features/dashboards/panels/chart/ChartLayout';
import { tooltipOptions } from '@/features/dashboards/panels/chart/graphTooltip';
import { legendOptions } from '@/features/dashboards/panels/chart/legend';
import { type StatesModel, statesOptions } from '@/features/dashboards/panels/chart/paintStates';
import { useChartSettings } from '@/features/dashboards/panels/chart/settings';
import { spanAt, stateLegend, type StateRow, stateRows, stateTimes } from '@/features/dashboards/panels/chart/states';
import { momentText, shortMoment, type TimeZone } from '@/features/dashboards/panels/chart/time';
import type { TooltipContent } from '@/features/dashboards/panels/chart/tooltip';
import { Pager, pagerHeight } from '@/features/dashboards/panels/Pager';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { formatDuration } from '@/lib/duration';
import classes from './chart/chart.module.css';

/** States over time: a row for each series, a bar for as long as a value stays. */
export function StateTimelinePanel(props: PanelProps) {
  return <StatesPanel {...props} samples={false} />;
}

/** A box for each sample, over time. */
export function StatusHistoryPanel(props: PanelProps) {
  return <StatesPanel {...props} samples />;
}

const nothingHidden: ReadonlySet<string> = new Set();

function StatesPanel({ panel, frames, theme, range, width, height, syncKey, onZoom, annotations, samples }: PanelProps & { samples: boolean }) {
  const { zone } = useChartSettings();
  const { options } = panel;
  const [page, setPage] = useState(0);
  const all = useMemo(
    () => stateRows(frames, theme, { samples, merge: option(options, 'mergeValues', true), columnWidth: option(options, 'colWidth', 0.9), end: range.to }),
    [frames, theme, samples, options, range.to],
  );
  const perPage = Math.max(1, Math.floor(option(options, 'perPage', Infinity)) || 1);
  const paged = all.length > perPage;
  const at = paged ? Math.min(page, Math.ceil(all.length / perPage) - 1) : 0;
  const rows = useMemo(() => (paged ? all.slice(at * perPage, (at + 1) * perPage) : all), [all, paged, at, perPage]);
  const legend = useMemo(() => legendOptions(options), [options]);
  // The legend stays while pages turn.
  const items = useMemo(() => stateLegend(all, theme), [all, theme]);
  const tooltip = useMemo(() => tooltipOptions(options), [options]);
  const data = useMemo(() => {
    const times = stateTimes(rows);
    return [times, times.map(() => null)] as uPlot.AlignedData;
  }, [rows]);
  const x = useMemo(() => ({ min: range.from / 1000, max: range.to / 1000 }), [range]);
  const model: StatesModel = {
    rows,
    zone,
    rowHeight: option(options, 'rowHeight', 0.9),
    showValue: option(options, 'showValue', 'auto'),
    align: samples ? 'center' : option(options, 'alignValue', 'left'),
  };
  if (rows.length === 0) return <div className={classes.note}>The data have no field of time with values beside it.</div>;
  const newest = rows.slice(0, 5).map((row) => `${row.name} ${row.spans.at(-1)?.text ?? 'no data'}`);
  const chart = (
    <ChartLayout width={width} height={height - (paged ? pagerHeight : 0)} legend={legend} items={items} columns={[]} hidden={nothingHidden} onToggle={undefined}>
      {(plotWidth, plotHeight) => (
        <Chart
          model={model}
          look={JSON.stringify([rows.length, rows.map((row) => row.name), model.rowHeight, model.showValue])}
          build={statesOptions}
          data={data}
          x={x}
          width={plotWidth}
          height={plotHeight}
          theme={theme}
          label={`${panel.title ?? 'States'}: ${all.length} rows. Newest: ${newest.join(', ')}`}
          overTime
          annotations={annotations}
          syncKey={syncKey}
          onZoom={onZoom}
          tooltip={tooltip}
          describe={(plot, pointer) => describeStates(plot, pointer, rows, zone, samples)}
        />
      )}
    </ChartLayout>
  );
  if (!paged) return chart;
  return (
    <>
      <div style={{ height: height - pagerHeight }}>{chart}</div>
      <Pager page={at} pageSize={perPage} count={all.length} onPage={setPage} />
    </>
  );
}

function describeStates(plot: uPlot, pointer: Pointer, rows: readonly StateRow[], zone: TimeZone, samples: boolean): TooltipContent | undefined {
  const ms = plot.posToVal(pointer.left, 'x') * 1000;
  const under = Math.min(rows.length - 1, Math.floor((pointer.top / Math.max(plot.over.clientHeight, 1)) * rows.length));
  const lines = rows.flatMap((row, at) => {
    const span = spanAt(row.spans, ms);
    if (span === undefined) return [];
    return [{ key: `${at}/${row.name}`, name: row.name, color: span.color, text: span.text, value: Number(row.field.values[span.row]), near: at === under, field: row.field, row: span.row }];
  });
  const span = spanAt(rows[under]?.spans ?? [], ms);
  const title = span === undefined || pointer.remote ? momentText(Math.round(ms / 1000) * 1000, zone) : samples ? momentText(Math.round((span.from + span.to) / 2), zone) : `${momentText(Math.round(span.from), zone)} – ${shortMoment(Math.round(span.to), zone)} · ${formatDuration(Math.max(1000, Math.round((span.to - span.from) / 1000) * 1000))}`;
  return lines.length === 0 ? undefined : { title, rows: lines };
}
