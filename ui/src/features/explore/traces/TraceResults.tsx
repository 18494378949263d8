import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { PlaceLink } from '@/components/LinkButton';
import { Badge } from '@/components/ResultStatus';
import { formatMicros } from '@/lib/duration';
import { exploreTrace } from '@/lib/links';
import { formatAgo, formatDateTime } from '@/lib/timeRange';
import type { TraceLayout } from '@/lib/trace';
import classes from './traces.module.css';

type Order = 'newest' | 'longest' | 'spans' | 'errors';

const orders: Record<Order, (a: TraceLayout, b: TraceLayout) => number> = {
  newest: (a, b) => b.startTime - a.startTime,
  longest: (a, b) => b.duration - a.duration,
  spans: (a, b) => b.spans.length - a.spans.length,
  errors: (a, b) => b.errors - a.errors || b.startTime - a.startTime,
};

interface TraceResultsProps {
  layouts: readonly TraceLayout[];
  /** By service. */
  colors: ReadonlyMap<string, string>;
  service: string;
}

export function TraceResults({ layouts, colors, service }: TraceResultsProps) {
  const [order, setOrder] = useState<Order>('newest');
  const sorted = useMemo(() => layouts.toSorted(orders[order]), [layouts, order]);
  const longest = Math.max(1, ...layouts.map((layout) => layout.duration));
  const now = Date.now();
  return (
    <>
      <div style={{ padding: '4px 12px 8px' }}>
        <SegmentedControl
          aria-label="Order of the traces"
          data={[
            { value: 'newest', label: 'Newest' },
            { value: 'longest', label: 'Longest' },
            { value: 'spans', label: 'Most spans' },
            { value: 'errors', label: 'Errors first' },
          ]}
          value={order}
          onChange={(value) => setOrder(value as Order)}
        />
      </div>
      <div className={classes.results} data-shortcut="results">
        {sorted.map((layout) => (
          <PlaceLink key={layout.id} place={exploreTrace(layout.id)} className={classes.result}>
            <span className={classes.resultName}>
              <RootName layout={layout} service={service} />
            </span>
            <span className={classes.resultTook}>{formatMicros(layout.duration)}</span>
            <span className={classes.resultMeta}>
              {layout.errors > 0 && <Badge tone="bad">{layout.errors === 1 ? '1 error' : `${layout.errors} errors`}</Badge>}
              <span className="num">{layout.spans.length === 1 ? '1 span' : `${layout.spans.length} spans`}</span>
              {layout.services.map((one) => (
                <span key={one.name} className={classes.service}>
                  <span className={classes.dot} style={{ background: colors.get(one.name) }} />
                  {one.name} <span className="faint num">{one.spans}</span>
                </span>
              ))}
            </span>
            <span className={`${classes.resultAge} num`} title={formatDateTime(layout.startTime / 1000, true)}>
              {formatAgo(layout.startTime / 1000, now)}
            </span>
            <span className={classes.meter} style={{ width: `${(layout.duration / longest) * 100}%` }} />
          </PlaceLink>
        ))}
      </div>
    </>
  );
}

function RootName({ layout, service }: { layout: TraceLayout; service: string }) {
  const root = layout.roots[0];
  if (root === undefined) return <span className="mono">{layout.id}</span>;
  return (
    <>
      {root.service}: {root.operation}
      {root.service !== service && <span className="faint"> through {service}</span>}
    </>
  );
}
