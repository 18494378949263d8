import { IconArticle, IconTimeline } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { logsOfTrace } from '@/components/traces/correlate';
import { TraceTimeline } from '@/components/traces/TraceTimeline';
import { TablePanel } from '@/features/dashboards/panels/TablePanel';
import { traceOf } from '@/features/dashboards/panels/traces/traceFrames';
import type { PanelProps } from '@/features/dashboards/panels/types';
import { exploreLogs, exploreTrace } from '@/lib/links';
import classes from './traces/traces.module.css';

const smallHeight = 300;

/** One trace as a waterfall; a list of traces as a table whose links open them. */
export default function TracesPanel(props: PanelProps) {
  const { frames, height } = props;
  const [span, setSpan] = useState('');
  const trace = useMemo(() => traceOf(frames), [frames]);
  if (trace === undefined) {
    return frames.some((frame) => frame.length > 0) ? <TablePanel {...props} /> : <EmptyState title="No trace">The query names no trace that is stored.</EmptyState>;
  }
  return (
    <div className={classes.panel}>
      <TraceTimeline
        key={trace.traceID}
        trace={trace}
        selected={span}
        onSelect={setSpan}
        minimap={height >= smallHeight}
        heading={(layout) => (
          <div className={classes.heading}>
            <strong>
              {layout.roots[0] === undefined ? trace.traceID : `${layout.roots[0].service}: ${layout.roots[0].operation}`} <span className="faint mono">{trace.traceID.slice(0, 8)}</span>
            </strong>
            <span className={classes.links}>
              <LinkButton place={exploreLogs(...logsOfTrace(layout))} variant="subtle" size="compact-xs" leftSection={<IconArticle size={13} />}>
                Logs
              </LinkButton>
              <LinkButton place={exploreTrace(trace.traceID)} variant="subtle" size="compact-xs" leftSection={<IconTimeline size={13} />}>
                Explore
              </LinkButton>
            </span>
          </div>
        )}
      />
    </div>
  );
}
