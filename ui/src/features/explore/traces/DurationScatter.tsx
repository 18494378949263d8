import { useElementSize } from '@mantine/hooks';
import { formatMicros } from '@/lib/duration';
import { formatClock, formatDateTime, type ResolvedRange } from '@/lib/timeRange';
import { durationScale, type TraceLayout } from '@/lib/trace';
import classes from './traces.module.css';

interface DurationScatterProps {
  layouts: readonly TraceLayout[];
  /** By service. */
  colors: ReadonlyMap<string, string>;
  onOpen: (traceId: string) => void;
}

const height = 130;
const left = 58;
const bottom = 20;
const top = 10;

/** Traces as points: when they began, how long they took, how many spans they have, red when one failed. */
export function DurationScatter({ layouts, colors, onOpen }: DurationScatterProps) {
  const { ref, width } = useElementSize();
  const plotWidth = Math.max(1, width - left - 16);
  const range = extent(layouts);
  const scale = durationScale(layouts.map((layout) => layout.duration));
  const x = (ms: number) => left + ((ms - range.from) / (range.to - range.from)) * plotWidth;
  const y = (us: number) => top + (1 - scale.place(us)) * (height - top - bottom);
  // A clock time is some 60 px wide.
  const parts = plotWidth < 420 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  const moments = parts.map((part) => range.from + part * (range.to - range.from));
  return (
    <div ref={ref} style={{ padding: '8px 12px 4px' }}>
      <svg className={classes.scatter} role="img" aria-label="Duration of traces over time">
        {scale.ticks.map((tick) => (
          <g key={tick}>
            <line x1={left} x2={left + plotWidth} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
            <text x={left - 8} y={y(tick) + 4} textAnchor="end">
              {formatMicros(tick)}
            </text>
          </g>
        ))}
        {moments.map((ms, index) => (
          <text key={ms} x={x(ms)} y={height - 4} textAnchor={index === 0 ? 'start' : index === moments.length - 1 ? 'end' : 'middle'}>
            {formatClock(ms)}
          </text>
        ))}
        {layouts.map((layout) => (
          <circle
            key={layout.id}
            cx={x(layout.startTime / 1000)}
            cy={y(layout.duration)}
            r={Math.min(12, 3 + Math.sqrt(layout.spans.length) * 0.7)}
            fill={layout.errors > 0 ? 'var(--bad)' : colors.get(layout.roots[0]?.service ?? '')}
            fillOpacity={0.7}
            onClick={() => onOpen(layout.id)}
          >
            <title>{`${layout.roots[0]?.service ?? ''} ${layout.roots[0]?.operation ?? ''}\n${formatMicros(layout.duration)}, ${layout.spans.length} spans, ${formatDateTime(layout.startTime / 1000)}`}</title>
          </circle>
        ))}
      </svg>
    </div>
  );
}

/** From the first to the last start, with a little air: a limited search covers a part of the time range only. */
function extent(layouts: readonly TraceLayout[]): ResolvedRange {
  const starts = layouts.map((layout) => layout.startTime / 1000);
  const from = Math.min(...starts);
  const to = Math.max(...starts);
  const air = Math.max((to - from) * 0.02, 500);
  return { from: from - air, to: to + air };
}
