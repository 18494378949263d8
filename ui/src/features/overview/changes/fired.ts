import { alerts } from '@/api/alertmanager';
import { queryRange } from '@/api/prometheus';
import type { Change, Span } from './change';

const step = 30;

/** Alerts that began to fire in the span: those that still do, and those that ended meanwhile. */
export async function fired(span: Span, signal: AbortSignal): Promise<Change[]> {
  const [active, history] = await Promise.all([alerts(signal), queryRange('ALERTS{alertstate="firing"}', span.from, span.to, step, signal)]);
  const out: Change[] = active
    .filter((one) => Date.parse(one.startsAt) >= span.from && one.status.state !== 'suppressed')
    .map((one) => ({
      kind: 'alert' as const,
      subject: one.labels.alertname ?? 'alert',
      detail: one.annotations.summary ?? one.annotations.description ?? 'fires',
      ms: Date.parse(one.startsAt),
      place: { to: '/alerts', search: { q: one.labels.alertname } },
    }));
  const named = new Set(out.map((one) => one.subject));
  for (const series of history.data.resultType === 'matrix' ? history.data.result : []) {
    const name = series.metric.alertname ?? '';
    const first = (series.values?.[0]?.[0] ?? 0) * 1000;
    const last = (series.values?.at(-1)?.[0] ?? 0) * 1000;
    const began = first >= span.from + step * 1000;
    const ended = last <= span.to - 2 * step * 1000;
    if (!began || !ended || named.has(name)) continue;
    named.add(name);
    out.push({ kind: 'alert', subject: name, detail: `fired for ${Math.max(1, Math.round((last - first) / 60_000))} min and ended`, ms: first, place: { to: '/alerts', search: { q: name } } });
  }
  return out;
}
