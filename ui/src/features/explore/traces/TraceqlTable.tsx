import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import type { FoundTrace } from '@/api/traceql';
import { PlaceLink } from '@/components/LinkButton';
import { formatMicros } from '@/lib/duration';
import { exploreTrace } from '@/lib/links';
import { formatDateTime } from '@/lib/timeRange';
import classes from './TraceqlSearch.module.css';

type Order = 'newest' | 'longest' | 'matched';

const orders: Record<Order, (a: FoundTrace, b: FoundTrace) => number> = {
  newest: (a, b) => b.startMs - a.startMs,
  longest: (a, b) => b.durationUs - a.durationUs,
  matched: (a, b) => b.matched - a.matched,
};

/** Tempo writes a note in angle brackets for a service whose root span is not there (yet). */
function nameOf({ rootServiceName: service, rootTraceName: name }: FoundTrace): string {
  if (service === '' || service.startsWith('<')) return 'root span not received';
  return name === '' ? service : `${service}: ${name}`;
}

/** Traces that a query found; each opens to the spans that matched. */
export function TraceqlTable({ traces }: { traces: readonly FoundTrace[] }) {
  const [order, setOrder] = useState<Order>('newest');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const heading = (name: Order, label: string) => (
    <th scope="col" className={name === 'newest' ? undefined : classes.number} aria-sort={order === name ? 'descending' : 'none'}>
      <button type="button" className={classes.sort} aria-pressed={order === name} onClick={() => setOrder(name)}>
        {label}
      </button>
    </th>
  );
  return (
    <div className={classes.wrap}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th aria-label="Spans" />
            <th scope="col">Trace</th>
            {heading('newest', 'Start')}
            {heading('longest', 'Duration')}
            {heading('matched', 'Matched spans')}
          </tr>
        </thead>
        <tbody data-shortcut="results">
          {traces.toSorted(orders[order]).map((trace) => (
            <Fragment key={trace.traceID}>
              <tr>
                <td>
                  <ActionIcon variant="subtle" color="gray" size={20} aria-label={`Spans of ${trace.traceID}`} aria-expanded={open.has(trace.traceID)} onClick={() => toggle(trace.traceID)}>
                    {open.has(trace.traceID) ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
                  </ActionIcon>
                </td>
                <td>
                  <PlaceLink place={exploreTrace(trace.traceID)}>{nameOf(trace)}</PlaceLink>{' '}
                  <span className="faint mono">{trace.traceID.slice(0, 8)}</span>
                </td>
                <td className="num">{formatDateTime(trace.startMs, true)}</td>
                <td className={`${classes.number} num`}>{formatMicros(trace.durationUs)}</td>
                <td className={`${classes.number} num`}>{trace.matched}</td>
              </tr>
              {open.has(trace.traceID) &&
                trace.spans.map((span) => (
                  <tr key={span.spanID} className={classes.span}>
                    <td />
                    <td>
                      <PlaceLink place={exploreTrace(trace.traceID, span.spanID)}>{span.name ?? span.spanID}</PlaceLink>
                    </td>
                    <td className="num">{formatDateTime(Number(span.startTimeUnixNano.slice(0, -6)), true)}</td>
                    <td className={`${classes.number} num`}>{formatMicros(Number(span.durationNanos) / 1000)}</td>
                    <td />
                  </tr>
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
