import { ActionIcon } from '@mantine/core';
import { IconArticle, IconChartLine, IconX } from '@tabler/icons-react';
import type { KeyValue, SpanJson, TraceJson } from '@/api/jaeger';
import { CorrelateMenu } from '@/components/CorrelateMenu';
import { LinkButton, PlaceLink } from '@/components/LinkButton';
import { Notice } from '@/components/Notice';
import { Badge } from '@/components/ResultStatus';
import { formatMicros } from '@/lib/duration';
import { exploreLogs, exploreMetrics, exploreTrace, type Place } from '@/lib/links';
import { formatDateTime } from '@/lib/timeRange';
import type { TraceLayout, TraceSpan } from '@/lib/trace';
import { logsOfSpan, metricsOfService } from './correlate';
import classes from './traces.module.css';

interface SpanDetailsProps {
  span: TraceSpan<SpanJson>;
  trace: TraceJson;
  layout: TraceLayout<SpanJson>;
  onClose: () => void;
  /** Opens a place beside the trace, where there is a second pane. */
  onBeside?: ((place: Place) => void) | undefined;
}

/** All that a span says about itself, and the logs and metrics beside it. */
export function SpanDetails({ span, trace, layout, onClose, onBeside }: SpanDetailsProps) {
  const process = trace.processes[span.raw.processID];
  const share = layout.duration === 0 ? 0 : (span.duration / layout.duration) * 100;
  const others = (span.raw.references ?? []).filter((reference) => reference.spanID !== span.parent?.id);
  return (
    <aside className={classes.details} aria-label="Span">
      <div className={classes.detailHead}>
        <div>
          <span className="dim">{span.service}</span>
          <h3>{span.operation}</h3>
        </div>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the span" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <dl className={classes.facts}>
        <dt>Duration</dt>
        <dd>
          {formatMicros(span.duration)} <span className="faint">{share.toFixed(1)} % of the trace</span>
        </dd>
        <dt>Self time</dt>
        <dd>{formatMicros(span.self)}</dd>
        <dt>Start</dt>
        <dd>
          {formatMicros(span.start)} <span className="faint">{formatDateTime(span.raw.startTime / 1000, true)}</span>
        </dd>
        <dt>Span id</dt>
        <dd className="mono">{span.id}</dd>
        {(span.error || span.critical) && (
          <>
            <dt>Status</dt>
            <dd>
              {span.error && <Badge tone="bad">failed</Badge>} {span.critical && <Badge tone="quiet">critical path</Badge>}
            </dd>
          </>
        )}
      </dl>
      <div className={classes.links}>
        <LinkButton place={exploreLogs(...logsOfSpan(layout, span))} variant="default" leftSection={<IconArticle size={14} />}>
          Logs
        </LinkButton>
        <LinkButton place={exploreMetrics(...metricsOfService(span))} variant="default" leftSection={<IconChartLine size={14} />}>
          Metrics of {span.service}
        </LinkButton>
        <CorrelateMenu moment={{ at: span.raw.startTime / 1000, service: span.service }} onBeside={onBeside} />
      </div>
      <Notice messages={span.raw.warnings ?? []} />
      <KeyValues title="Tags" pairs={span.raw.tags ?? []} />
      <KeyValues title="Process" pairs={process?.tags ?? []} />
      {(span.raw.logs ?? []).length > 0 && <h4>Events</h4>}
      {(span.raw.logs ?? []).map((log, index) => (
        <div key={index} className={classes.event}>
          <span className="num dim">+{formatMicros(log.timestamp - span.raw.startTime)}</span>
          <KeyValues pairs={log.fields} />
        </div>
      ))}
      {others.length > 0 && <h4>References</h4>}
      {others.map((reference) => (
        <div key={`${reference.traceID}/${reference.spanID}`}>
          <PlaceLink place={exploreTrace(reference.traceID, reference.spanID)}>
            {reference.refType === 'FOLLOWS_FROM' ? 'follows from' : 'child of'} <span className="mono">{reference.spanID}</span>
            {reference.traceID !== trace.traceID && ' in another trace'}
          </PlaceLink>
        </div>
      ))}
    </aside>
  );
}

function KeyValues({ title, pairs }: { title?: string; pairs: readonly KeyValue[] }) {
  if (pairs.length === 0) return null;
  return (
    <>
      {title !== undefined && <h4>{title}</h4>}
      <table className={classes.kv}>
        <tbody>
          {pairs.map((pair, index) => (
            <tr key={`${pair.key}/${index}`}>
              <td>{pair.key}</td>
              <td>{String(pair.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
