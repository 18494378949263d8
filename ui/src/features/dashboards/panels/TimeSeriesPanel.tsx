import { useMemo, useState } from 'react';
import { Plot } from '@/features/dashboards/panels/Plot';
import { graphOf } from '@/features/dashboards/panels/series';
import { SeriesLegend } from '@/features/dashboards/panels/SeriesLegend';
import { listOption, objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './panels.module.css';

/** Lines, areas, bars or points over time, with a legend below or beside. */
export function TimeSeriesPanel({ panel, frames, theme, range, width, height, syncKey, onZoom }: PanelProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const graph = useMemo(() => graphOf(frames, theme, hidden), [frames, theme, hidden]);
  const legend = objectOption(panel.options, 'legend');
  const tooltip = objectOption(panel.options, 'tooltip');
  const displayMode = option(legend, 'displayMode', 'list');
  const showLegend = option(legend, 'showLegend', true) && displayMode !== 'hidden' && graph.series.length > 0 && height > 110;
  const calcs = listOption(legend, 'calcs');
  const right = option(legend, 'placement', 'bottom') === 'right' && width > 420;
  const size = legendSize({ show: showLegend, right, table: displayMode === 'table', rows: graph.series.length, width, height, calcs: calcs.length, asked: option(legend, 'width', 0) });
  return (
    <div className={classes.graph} data-side={right ? 'right' : 'bottom'}>
      <Plot
        graph={graph}
        width={Math.max(40, width - (right ? size : 0))}
        height={Math.max(40, height - (right ? 0 : size))}
        from={range.from}
        to={range.to}
        theme={theme}
        syncKey={syncKey}
        tooltip={{ mode: option(tooltip, 'mode', 'single'), sort: option(tooltip, 'sort', 'none') }}
        onZoom={onZoom}
        label={`${panel.title ?? 'Graph'}: ${graph.series.length} series`}
      />
      {showLegend && (
        <div style={right ? { width: size, height } : { height: size }} className={classes.legendHolder}>
          <SeriesLegend
            series={graph.series}
            hidden={hidden}
            mode={displayMode}
            calcs={calcs}
            sortBy={option(legend, 'sortBy', '')}
            sortDesc={option(legend, 'sortDesc', true)}
            onToggle={(key, additive) => setHidden(toggle(hidden, key, additive, graph.series.map((one) => one.key)))}
          />
        </div>
      )}
    </div>
  );
}

interface LegendRoom {
  show: boolean;
  right: boolean;
  table: boolean;
  rows: number;
  width: number;
  height: number;
  calcs: number;
  asked: number;
}

/** Pixels for the legend: at most 35 % of the height below, or 40 % of the width beside. */
function legendSize({ show, right, table, rows, width, height, calcs, asked }: LegendRoom): number {
  if (!show) return 0;
  if (right) return Math.min(Math.max(asked, 160 + calcs * 64), width * 0.45);
  // Whole rows only: half a line looks broken.
  if (table) return 22 + Math.min(rows, Math.max(2, Math.floor((height * 0.38 - 22) / 20))) * 20;
  const perLine = Math.max(1, Math.floor(width / 150));
  return Math.min(Math.ceil(rows / perLine) * 20 + 6, Math.max(height * 0.3, 26));
}

/** A click shows a series alone, or all again; an additive one hides or shows it. */
export function toggle(hidden: ReadonlySet<string>, key: string, additive: boolean, all: readonly string[]): ReadonlySet<string> {
  if (additive) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return next;
  }
  const alone = !hidden.has(key) && hidden.size === all.length - 1;
  return alone ? new Set() : new Set(all.filter((one) => one !== key));
}
