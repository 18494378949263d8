import { type ReactNode, useMemo, useState } from 'react';
import type { SpanJson, TraceJson } from '@/api/jaeger';
import { Notice } from '@/components/Notice';
import { Badge } from '@/components/ResultStatus';
import { Minimap, type TimeWindow } from '@/components/traces/Minimap';
import { SpanDetails } from '@/components/traces/SpanDetails';
import { Waterfall } from '@/components/traces/Waterfall';
import { assignColors } from '@/lib/color';
import { formatMicros } from '@/lib/duration';
import type { Place } from '@/lib/links';
import { formatDateTime } from '@/lib/timeRange';
import { layoutTrace, type TraceLayout } from '@/lib/trace';
import classes from './traces.module.css';

interface TraceTimelineProps {
  trace: TraceJson;
  /** The opened span's id, '' for none. */
  selected: string;
  /** '' closes it. */
  onSelect: (spanId: string) => void;
  /** The line above the summary: where one came from, where to go. */
  heading?: (layout: TraceLayout<SpanJson>) => ReactNode;
  /** The whole trace at a glance above the spans; there must be room for it. */
  minimap?: boolean;
  /** Opens what belongs to a span beside the trace. */
  onBeside?: ((place: Place) => void) | undefined;
}

/** One trace: summary, minimap, waterfall, the opened span's details. */
export function TraceTimeline({ trace, selected, onSelect, heading, minimap = true, onBeside }: TraceTimelineProps) {
  const layout: TraceLayout<SpanJson> = useMemo(() => layoutTrace(trace), [trace]);
  const colors = useMemo(() => assignColors(layout.services.map((service) => service.name)), [layout]);
  const [shown, setShown] = useState<TimeWindow>({ from: 0, to: layout.duration });
  const opened = layout.spans.find((span) => span.id === selected);
  const orphans = layout.spans.filter((span) => span.orphan).length;
  const warnings = [
    ...(trace.warnings ?? []),
    ...(orphans === 0 ? [] : [`${orphans === 1 ? '1 span names a parent' : `${orphans} spans name parents`} that this trace does not hold (yet): they are drawn as roots.`]),
  ];
  return (
    <>
      <div className={classes.heading}>
        {heading?.(layout)}
        <div className={classes.summary}>
          <span>
            <b>{formatMicros(layout.duration)}</b>
          </span>
          <span>{formatDateTime(layout.startTime / 1000, true)}</span>
          <span>
            <b>{layout.spans.length}</b> {layout.spans.length === 1 ? 'span' : 'spans'}, <b>{layout.depth}</b> deep
          </span>
          {layout.errors > 0 && <Badge tone="bad">{layout.errors === 1 ? '1 error' : `${layout.errors} errors`}</Badge>}
          {layout.services.map((service) => (
            <span key={service.name} className={classes.service}>
              <span className={classes.dot} style={{ background: colors.get(service.name) }} />
              {service.name} <span className="faint num">{service.spans}</span>
            </span>
          ))}
        </div>
        <Notice messages={warnings} />
        {minimap && <Minimap layout={layout} colors={colors} window={shown} onWindow={setShown} />}
      </div>
      <div className={classes.split} data-open={opened !== undefined}>
        <Waterfall layout={layout} colors={colors} window={shown} selected={selected} onSelect={(span) => onSelect(span === selected ? '' : span)} />
        {opened && <SpanDetails span={opened} trace={trace} layout={layout} onClose={() => onSelect('')} onBeside={onBeside} />}
      </div>
    </>
  );
}
