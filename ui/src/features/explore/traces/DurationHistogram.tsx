import { useMemo } from 'react';
import { formatMicros } from '@/lib/duration';
import { type DurationBucket, durationBuckets, quantileOf } from '@/lib/durations';
import classes from './TraceqlSearch.module.css';

interface DurationHistogramProps {
  /** Microseconds. */
  durations: readonly number[];
  chosen: DurationBucket | undefined;
  /** Narrows to a bucket; undefined takes it back. */
  onChoose: (bucket: DurationBucket | undefined) => void;
}

/** How long traces take: a bar for each range of durations, and what half, 95 and 99 % stay below. */
export function DurationHistogram({ durations, chosen, onChoose }: DurationHistogramProps) {
  const buckets = useMemo(() => durationBuckets(durations), [durations]);
  const most = Math.max(1, ...buckets.map((one) => one.count));
  return (
    <div className={classes.histogram}>
      <div className={classes.bars} role="group" aria-label="Traces by duration">
        {buckets.map((bucket) => {
          const active = chosen !== undefined && chosen.from === bucket.from;
          const name = `${formatMicros(bucket.from)} to ${formatMicros(bucket.to)}: ${bucket.count} traces`;
          return (
            <button key={bucket.from} type="button" className={classes.bar} aria-pressed={active} aria-label={name} title={name} disabled={bucket.count === 0} onClick={() => onChoose(active ? undefined : bucket)}>
              <span style={{ height: `${(bucket.count / most) * 100}%` }} />
            </button>
          );
        })}
      </div>
      <div className={classes.axis}>
        <span>{formatMicros(buckets[0]?.from ?? 0)}</span>
        <span>
          {[0.5, 0.95, 0.99].map((q) => (
            <span key={q} className="num">
              p{q * 100} <b>{formatMicros(quantileOf(durations, q))}</b>
            </span>
          ))}
        </span>
        <span>{formatMicros(buckets.at(-1)?.to ?? 0)}</span>
      </div>
    </div>
  );
}
