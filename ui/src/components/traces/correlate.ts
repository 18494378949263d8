import { quote } from '@/lib/promql';
import { quoteLogql } from '@/lib/logql';
import type { RawSpan, TraceLayout, TraceSpan } from '@/lib/trace';

/** Lines may be written a little before or after their spans, and clocks differ. */
const slackMs = 60_000;

interface Range {
  from: number;
  to: number;
}

/** The LogQL query and the time range that find a trace's log lines: any stream whose line holds the id. */
export function logsOfTrace<S extends RawSpan>(layout: TraceLayout<S>): [string, Range] {
  const start = layout.startTime / 1000;
  const range = { from: start - slackMs, to: start + layout.duration / 1000 + slackMs };
  return [`{${anyStream}} |= ${quoteLogql(layout.id)}`, range];
}

/** A span's own lines. */
export function logsOfSpan<S extends RawSpan>(layout: TraceLayout<S>, span: TraceSpan<S>): [string, Range] {
  const start = span.raw.startTime / 1000;
  return [`{${anyStream}} |= ${quoteLogql(layout.id)} |= ${quoteLogql(span.id)}`, { from: start - slackMs, to: start + span.duration / 1000 + slackMs }];
}

/** Request rate of a span's service around its time, under the usual metric names. */
export function metricsOfService<S extends RawSpan>(span: TraceSpan<S>): [string[], Range] {
  const start = span.raw.startTime / 1000;
  const matcher = `{service=${quote(span.service)}}`;
  return [
    [
      `sum by (__name__) (rate({__name__=~".+_requests_total|.+_messages_.+_total", service=${quote(span.service)}}[1m]))`,
      `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket${matcher}[1m])))`,
    ],
    { from: start - 15 * 60_000, to: start + 15 * 60_000 },
  ];
}

/** LogQL wants one matcher that cannot match the empty string; every stream is given a service_name. */
const anyStream = 'service_name=~".+"';
