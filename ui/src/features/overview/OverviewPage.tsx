import { IconCircleCheck, IconServer } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alerts, type GettableAlert } from '@/api/alertmanager';
import { getOverview, type SignalRate } from '@/api/overview';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Page } from '@/components/Page';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { Sparkline } from '@/components/Sparkline';
import { Changes } from '@/features/overview/changes/Changes';
import { RecentErrors } from '@/features/overview/RecentErrors';
import { loadServices, type ServiceHealth, type Verdict, verdictOf } from '@/features/overview/services';
import { exploreLogs, exploreMetrics, exploreTraces } from '@/lib/links';
import { formatValue } from '@/lib/units';
import classes from './OverviewPage.module.css';

/** What arrives, who is healthy, what fires and what went wrong: each part loads and fails by itself. */
export function OverviewPage() {
  return (
    <Page title="Overview">
      <Signals />
      <Changes />
      <div className={classes.columns}>
        <Services />
        <div className={classes.side}>
          <Firing />
          <RecentErrors />
        </div>
      </div>
    </Page>
  );
}

const signalLooks: Record<string, { title: string; unit: string; color: string; to: string; search: Record<string, string> }> = {
  samples: { title: 'Metrics', unit: 'samples/s', color: 'var(--series-1)', to: '/explore', search: { tab: 'metrics' } },
  log_lines: { title: 'Logs', unit: 'lines/s', color: 'var(--series-3)', to: '/explore', search: { tab: 'logs' } },
  spans: { title: 'Traces', unit: 'spans/s', color: 'var(--series-4)', to: '/explore', search: { tab: 'traces' } },
};

function Signals() {
  const query = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => getOverview(signal), refetchInterval: 2_000 });
  if (query.isError && query.data === undefined) return <ErrorState error={query.error} title="The rates of signals could not be loaded" onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <LoadingState label="Loading rates" lines={2} />;
  return (
    <>
      <Notice messages={query.data.error === undefined ? [] : [query.data.error]} />
      <div className={classes.signals}>
        {query.data.signals.map((signal) => (
          <SignalTile key={signal.name} signal={signal} />
        ))}
      </div>
    </>
  );
}

function SignalTile({ signal }: { signal: SignalRate }) {
  const look = signalLooks[signal.name] ?? { title: signal.name, unit: '/s', color: 'var(--series-2)', to: '/explore', search: {} };
  return (
    <Link to={look.to as never} search={look.search as never} className={classes.signal}>
      <span className={classes.signalName}>{look.title}</span>
      <span className={classes.signalRate}>
        {formatValue(signal.rate, 'short', 3)} <span className={classes.signalUnit}>{look.unit}</span>
      </span>
      <span className={classes.signalTotal}>{formatValue(signal.total, 'short', 3)} since the start</span>
      <span className={classes.signalTrend}>
        <Sparkline points={smooth(signal.points)} color={look.color} height={44} label={`${look.title} over the last ten minutes`} />
      </span>
    </Link>
  );
}

const smoothing = 8;

/** The mean over some 16 seconds: scrapes arrive in bursts that would hide the trend. */
export function smooth(points: readonly [number, number][]): [number, number][] {
  return points.slice(smoothing - 1).map(([time], index) => {
    const window = points.slice(index, index + smoothing);
    return [time, window.reduce((sum, [, value]) => sum + value, 0) / window.length];
  });
}

const verdicts: Record<Verdict, string> = { down: 'Down', failing: 'Failing', slow: 'Slow', healthy: 'Healthy', unknown: 'No data' };

function Services() {
  const query = useQuery({ queryKey: ['services-health'], queryFn: ({ signal }) => loadServices(signal), refetchInterval: 5_000, placeholderData: keepPreviousData });
  const sick = query.data?.filter((one) => !['healthy', 'unknown'].includes(verdictOf(one))).length;
  return (
    <Panel title="Services" flush aside={sick === undefined ? undefined : sick === 0 ? <span className={classes.tally}>All healthy</span> : <span className={classes.tally} data-bad>{sick} not healthy</span>}>
      <QueryView
        query={query}
        errorTitle="The services could not be loaded"
        isEmpty={(data) => data.length === 0}
        empty={
          <EmptyState title="No services yet" icon={<IconServer size={24} />}>
            Scrape them, or send http_requests_total and http_request_duration_seconds by OTLP.
          </EmptyState>
        }
      >
        {(data) => (
          <div className={classes.scroll} tabIndex={0} role="region" aria-label="Services">
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">Service</th>
                  <th scope="col">State</th>
                  <th scope="col" data-number>
                    Requests
                  </th>
                  <th scope="col" className={classes.trend} aria-label="Requests over the last 15 minutes" />
                  <th scope="col" data-number>
                    Errors
                  </th>
                  <th scope="col" data-number>
                    p95
                  </th>
                  <th scope="col">Explore</th>
                </tr>
              </thead>
              <tbody>
                {data.map((service) => (
                  <ServiceRow key={service.name} service={service} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function ServiceRow({ service }: { service: ServiceHealth }) {
  const verdict = verdictOf(service);
  const named = JSON.stringify(service.name);
  const metrics = exploreMetrics([service.rate === undefined ? `up{job=${named}}` : `sum by (code) (rate(http_requests_total{service=${named}}[2m]))`]);
  const logs = exploreLogs(`{service_name=${named}}`);
  const traces = exploreTraces(service.name);
  return (
    <tr>
      <th scope="row" className={classes.name} title={service.name}>
        {service.name}
      </th>
      <td>
        <span className={classes.verdict} data-verdict={verdict} title={service.targets === undefined ? undefined : `${service.up ?? 0} of ${service.targets} targets up`}>
          <span className={classes.dot} data-verdict={verdict} />
          {verdicts[verdict]}
        </span>
      </td>
      <td data-number>{service.rate === undefined ? <span className="faint">–</span> : formatValue(service.rate, 'ops', 3)}</td>
      <td className={classes.trend}>{service.trend.length > 1 && <Sparkline points={service.trend} color="var(--series-1)" height={20} label={`Requests of ${service.name}`} />}</td>
      <td data-number data-bad={(service.errors ?? 0) > 0.05}>
        {service.errors === undefined ? <span className="faint">–</span> : formatValue(service.errors, 'percentunit', 2)}
      </td>
      <td data-number data-bad={(service.p95 ?? 0) > 1}>
        {service.p95 === undefined ? <span className="faint">–</span> : formatValue(service.p95, 's', 2)}
      </td>
      <td>
        <span className={classes.links}>
        <Link to={metrics.to as never} search={metrics.search as never}>
          Metrics
        </Link>
        <Link to={logs.to as never} search={logs.search as never}>
          Logs
        </Link>
        <Link to={traces.to as never} search={traces.search as never}>
          Traces
        </Link>
        </span>
      </td>
    </tr>
  );
}

const maxAlerts = 8;

function Firing() {
  const query = useQuery({ queryKey: ['alerts'], queryFn: ({ signal }) => alerts(signal), refetchInterval: 5_000 });
  const active = (data: readonly GettableAlert[]) => data.filter((alert) => alert.status.state !== 'suppressed');
  return (
    <Panel
      title="Firing alerts"
      flush
      aside={
        <Link to={'/alerts' as never} search={{} as never}>
          All alerts
        </Link>
      }
    >
      <QueryView
        query={query}
        errorTitle="The alerts could not be loaded"
        isEmpty={(data) => active(data).length === 0}
        empty={<EmptyState title="Nothing fires" icon={<IconCircleCheck size={24} color="var(--ok)" />} />}
        loading={<LoadingState lines={2} />}
      >
        {(data) => (
          <ul className={classes.alerts}>
            {active(data)
              .toSorted((a, b) => Number(b.labels.severity === 'critical') - Number(a.labels.severity === 'critical') || b.startsAt.localeCompare(a.startsAt))
              .slice(0, maxAlerts)
              .map((alert) => (
                <li key={alert.fingerprint}>
                  <Link to={'/alerts' as never} search={{ q: alert.labels.alertname } as never} className={classes.alert} data-severity={alert.labels.severity}>
                    <span className={classes.alertName}>{alert.labels.alertname}</span>
                    <span className={classes.alertAge}>
                      <Age at={alert.startsAt} />
                    </span>
                    <span className={classes.alertText}>{alert.annotations.summary ?? alert.annotations.description ?? ''}</span>
                  </Link>
                </li>
              ))}
            {active(data).length > maxAlerts && <li className={classes.more}>and {active(data).length - maxAlerts} more</li>}
          </ul>
        )}
      </QueryView>
    </Panel>
  );
}
