import { type ReactNode, useMemo } from 'react';
import { type LegendColumn, type LegendItem, type LegendOptions, legendRoom } from '@/features/dashboards/panels/chart/legend';
import { SeriesLegend } from '@/features/dashboards/panels/SeriesLegend';
import panelClasses from '@/features/dashboards/panels/panels.module.css';
import classes from './chart.module.css';

interface ChartLayoutProps {
  width: number;
  height: number;
  legend: LegendOptions;
  items: readonly LegendItem[];
  columns: readonly LegendColumn[];
  hidden: ReadonlySet<string>;
  onToggle: ((key: string, additive: boolean) => void) | undefined;
  /** Draws the chart into what the legend leaves. */
  children: (width: number, height: number) => ReactNode;
}

const smallest = 40;

/** A chart with its legend below or beside it. */
export function ChartLayout({ width, height, legend, items, columns, hidden, onToggle, children }: ChartLayoutProps) {
  const { right, size } = useMemo(() => legendRoom(legend, items, width, height), [legend, items, width, height]);
  return (
    <div className={classes.layout} data-side={right ? 'right' : 'bottom'}>
      {children(Math.max(smallest, width - (right ? size + 8 : 0)), Math.max(smallest, height - (right ? 0 : size)))}
      {size > 0 && (
        <div style={right ? { width: size, height, marginLeft: 8 } : { height: size, width }} className={panelClasses.legendHolder}>
          <SeriesLegend items={items} columns={columns} hidden={hidden} table={legend.table} vertical={right} sortBy={legend.sortBy} sortDesc={legend.sortDesc} onToggle={onToggle} />
        </div>
      )}
    </div>
  );
}
