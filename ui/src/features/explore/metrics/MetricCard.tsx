import { Sparkline } from '@/components/Sparkline';
import { useTimeRange } from '@/components/useTimeRange';
import { type MetricFamily, sensibleQuery, unitOfQuery } from '@/lib/metricFamilies';
import { parseSample } from '@/lib/series';
import { stepFor } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import classes from './MetricBrowser.module.css';
import { usePreview } from './usePreview';
import { useSeen } from './useSeen';

const points = 60;

/** A metric: what it is, and how it went. The query waits until the card is in sight. */
export function MetricCard({ family, onOpen }: { family: MetricFamily; onOpen: (name: string) => void }) {
  const { resolved } = useTimeRange();
  const [ref, seen] = useSeen<HTMLButtonElement>();
  const step = stepFor(resolved, points, 15);
  const expr = sensibleQuery(family, [], step);
  const preview = usePreview(expr, resolved, step, seen);
  const samples = (preview.data?.[0]?.values ?? []).map(([t, text]): [number, number] => [t, parseSample(text)]).filter(([, value]) => Number.isFinite(value));
  const last = samples.at(-1)?.[1];
  return (
    <button ref={ref} type="button" className={classes.card} title={`${family.name}\n${family.help}\n${expr}`} onClick={() => onOpen(family.name)}>
      <span className={classes.cardName}>{family.name}</span>
      <span className={classes.cardMeta}>
        {family.kind}
        {family.unit !== '' && ` · ${family.unit}`}
        <b className="num">{last === undefined ? (preview.isError ? 'failed' : preview.data !== undefined ? 'no data' : '') : formatValue(last, unitOfQuery(expr), 3)}</b>
      </span>
      <span className={classes.cardChart}>{samples.length > 1 && <Sparkline points={samples} color="var(--series-1)" height={38} label={`Trend of ${family.name}`} />}</span>
      <span className={classes.cardHelp}>{family.help}</span>
    </button>
  );
}
