import { Button, Menu } from '@mantine/core';
import { IconArticle, IconBell, IconChartLine, IconClock, IconRocket, IconTimeline } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { deploysAround } from '@/api/deploys';
import { PlaceLink } from '@/components/LinkButton';
import { around, alertsQuery, type Moment, serviceLogs, serviceMetrics } from '@/lib/correlate';
import { exploreLogs, exploreMetrics, exploreTrace, exploreTraces, type Place } from '@/lib/links';
import { formatClock, formatDateTime } from '@/lib/timeRange';

interface CorrelateMenuProps {
  moment: Moment;
  /** Opens a place beside this one, where there is a second pane. */
  onBeside?: ((place: Place) => void) | undefined;
  /** What opens the menu; a button without. */
  target?: ReactNode;
  /** Opened from outside, as for a point of a graph. */
  opened?: boolean;
  onChange?: (opened: boolean) => void;
}

const hour = 3_600_000;

/** From a moment of one signal to the others at that time, and of that service. */
export function CorrelateMenu({ moment, onBeside, target, opened, onChange }: CorrelateMenuProps) {
  return (
    <Menu position="bottom-start" shadow="md" width={300} withinPortal {...(opened === undefined ? {} : { opened })} {...(onChange === undefined ? {} : { onChange })}>
      <Menu.Target>
        {target ?? (
          <Button variant="default" leftSection={<IconClock size={14} />}>
            At this time
          </Button>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        <Entries moment={moment} onBeside={onBeside} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Entries({ moment: { at, service, traceId }, onBeside }: Pick<CorrelateMenuProps, 'moment' | 'onBeside'>) {
  const range = around(at);
  const places: { label: string; icon: ReactNode; place: Place }[] = [
    { label: 'Logs', icon: <IconArticle size={15} />, place: exploreLogs(serviceLogs(service), range) },
    { label: 'Metrics', icon: <IconChartLine size={15} />, place: exploreMetrics(serviceMetrics(service), range) },
    ...(traceId === undefined ? [] : [{ label: `Trace ${traceId.slice(0, 8)}`, icon: <IconTimeline size={15} />, place: exploreTrace(traceId) }]),
    ...(service === undefined ? [] : [{ label: 'Traces', icon: <IconTimeline size={15} />, place: exploreTraces(service, range) }]),
    { label: 'Alerts that fired', icon: <IconBell size={15} />, place: exploreMetrics([alertsQuery(service)], around(at, hour / 2)) },
  ];
  return (
    <>
      <Menu.Label>
        {formatDateTime(at)} ± 5 min{service === undefined ? '' : ` · ${service}`}
      </Menu.Label>
      {places.map(({ label, icon, place }) => (
        <Menu.Item key={label} leftSection={icon} renderRoot={(props) => <PlaceLink place={place} {...props} />}>
          {label}
        </Menu.Item>
      ))}
      {onBeside && (
        <>
          <Menu.Divider />
          <Menu.Label>In a pane beside this one</Menu.Label>
          {places.map(({ label, icon, place }) => (
            <Menu.Item key={label} leftSection={icon} onClick={() => onBeside(place)}>
              {label} beside
            </Menu.Item>
          ))}
        </>
      )}
      <Menu.Divider />
      <Deploys at={at} />
    </>
  );
}

/** What was deployed within half an hour of the moment: annotations with the tag "deploy". */
function Deploys({ at }: { at: number }) {
  const deploys = useQuery({ queryKey: ['deploys-around', Math.round(at / 60_000)], queryFn: ({ signal }) => deploysAround(around(at, hour / 2), signal), staleTime: 60_000, retry: false });
  const text = deploys.isError ? 'Deploys could not be listed' : deploys.data === undefined ? 'Looking for deploys' : deploys.data.length === 0 ? 'No deploy within 30 minutes' : undefined;
  return (
    <>
      <Menu.Label>Deploys</Menu.Label>
      {text !== undefined && (
        <div className="faint" style={{ padding: '2px 12px 6px', fontSize: 12 }}>
          {text}
        </div>
      )}
      {deploys.data?.slice(0, 5).map((one) => (
        <div key={one.id} style={{ padding: '2px 12px 4px', fontSize: 12, display: 'flex', gap: 6 }} title={formatDateTime(one.at)}>
          <IconRocket size={14} /> <span className="num dim">{formatClock(one.at)}</span> <span style={{ overflowWrap: 'anywhere' }}>{one.text}</span>
        </div>
      ))}
    </>
  );
}
