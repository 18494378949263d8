import { Button } from '@mantine/core';
import { IconActivity, IconArrowRight, IconEye, IconPencil, IconPlayerPlay, IconPlayerStop, IconPlus, IconTrash, type Icon } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Incident, type Operation, operations, runOperation, setRate, type SimulatorState, startIncident, stopIncident } from '@/api/simulator';
import { ApiError } from '@/api/http';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LinkButton } from '@/components/LinkButton';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Page } from '@/components/Page';
import { Panel } from '@/components/Panel';
import { useSession } from '@/components/useSession';
import { RateControl } from '@/features/simulator/RateControl';
import { useSimulator } from '@/features/simulator/useSimulator';
import { WebTraffic } from '@/features/simulator/WebTraffic';
import { exploreLogs, exploreTraces } from '@/lib/links';
import classes from './SimulatorPage.module.css';

/** The demonstration's controls: press, push, break something, and watch Pharos notice. */
export function SimulatorPage() {
  const { state, history, lines, connected, error, retry } = useSimulator();
  const role = useSession().data?.user.role;
  const canEdit = role === 'editor' || role === 'admin';
  const missing = error instanceof ApiError && error.status === 404;
  return (
    <Page title="Simulator" middle={missing ? undefined : <Connection connected={connected && state !== undefined} />}>
      {state === undefined ? (
        missing ? <NoSimulator /> : error === null ? <LoadingState label="Loading the simulator" /> : <ErrorState error={error} title="The simulator could not be loaded" onRetry={retry} />
      ) : (
        <>
          {!canEdit && <Notice messages={['You may watch; changing the simulator needs the role editor.']} />}
          <Operations state={state} canEdit={canEdit} />
          <div className={classes.columns}>
            <Traffic state={state} history={history} canEdit={canEdit} />
            <Incidents state={state} canEdit={canEdit} />
          </div>
          <div className={classes.columns}>
            <WebTraffic state={state} history={lines} canEdit={canEdit} />
            <Services state={state} />
          </div>
          <LookAt />
        </>
      )}
    </Page>
  );
}

function NoSimulator() {
  return (
    <EmptyState title="This server has no simulator" icon={<IconActivity size={24} />} action={<LinkButton variant="default" place={{ to: '/connect', search: {} }}>Get data in</LinkButton>}>
      It belongs to the demonstration: <span className="mono">pharos demo</span> runs one with a system to break. This server watches yours.
    </EmptyState>
  );
}

function Connection({ connected }: { connected: boolean }) {
  return (
    <span className={classes.connection} data-connected={connected} role="status">
      <span className={classes.pulse} /> {connected ? 'live' : 'connecting'}
    </span>
  );
}

const looks: Record<Operation, { label: string; icon: Icon; color: string }> = {
  create: { label: 'Create', icon: IconPlus, color: 'var(--series-3)' },
  read: { label: 'Read', icon: IconEye, color: 'var(--series-1)' },
  update: { label: 'Update', icon: IconPencil, color: 'var(--series-5)' },
  delete: { label: 'Delete', icon: IconTrash, color: 'var(--series-2)' },
};

function Operations({ state, canEdit }: { state: SimulatorState; canEdit: boolean }) {
  const run = useMutation({ mutationFn: ({ operation, count }: { operation: Operation; count: number }) => runOperation(operation, count) });
  return (
    <>
      <div className={classes.operations}>
        {operations.map((operation) => {
          const { label, icon: IconOf, color } = looks[operation];
          return (
            <div key={operation} className={classes.operation}>
              <span className={classes.counter} aria-live="off">
                {state.counters[operation].toLocaleString('en')}
              </span>
              <button type="button" className={classes.press} style={{ '--press': color } as React.CSSProperties} disabled={!canEdit} onClick={() => run.mutate({ operation, count: 1 })}>
                <IconOf size={18} />
                <span>
                  {label}
                  <span className={classes.noun}> an item</span>
                </span>
              </button>
              <button type="button" className={classes.many} disabled={!canEdit} onClick={() => run.mutate({ operation, count: 100 })}>
                ×100
              </button>
            </div>
          );
        })}
      </div>
      {run.isError && <Notice tone="bad" messages={[run.error.message]} />}
    </>
  );
}

function Traffic({ state, history, canEdit }: { state: SimulatorState; history: readonly [number, number][]; canEdit: boolean }) {
  return (
    <Panel title="Visitors" aside={<span className="num">{state.errors.toLocaleString('en')} errors so far</span>}>
      <RateControl unit="requests" label="Request rate" target={state.target_rate} current={history.at(-1)?.[1] ?? state.rate} history={history} color="var(--series-1)" canEdit={canEdit} onSet={setRate} />
      {(state.dropped ?? 0) > 0 && <Notice messages={[`${(state.dropped ?? 0).toLocaleString('en')} log lines of the simulated services could not be shipped`]} />}
    </Panel>
  );
}

const durations = [60, 180, 600];

function Incidents({ state, canEdit }: { state: SimulatorState; canEdit: boolean }) {
  const [seconds, setSeconds] = useState(180);
  return (
    <Panel
      title="Incidents"
      aside={
        <span className={classes.durations} role="group" aria-label="Duration of an incident">
          {durations.map((one) => (
            <button key={one} type="button" aria-pressed={seconds === one} onClick={() => setSeconds(one)}>
              {one / 60} min
            </button>
          ))}
        </span>
      }
    >
      <div className={classes.incidents}>
        {state.incidents.map((incident) => (
          <IncidentRow key={incident.name} incident={incident} seconds={seconds} canEdit={canEdit} />
        ))}
      </div>
    </Panel>
  );
}

function IncidentRow({ incident, seconds, canEdit }: { incident: Incident; seconds: number; canEdit: boolean }) {
  const toggle = useMutation({ mutationFn: () => (incident.active ? stopIncident(incident.name) : startIncident(incident.name, seconds)) });
  const left = incident.active && incident.ends_at ? Math.max(0, Math.round((Date.parse(incident.ends_at) - Date.now()) / 1000)) : undefined;
  return (
    <div className={classes.incident} data-active={incident.active}>
      <div className={classes.incidentText}>
        <strong>{incident.title}</strong>
        {left !== undefined && (
          <span className={classes.left}>
            {Math.floor(left / 60)}:{String(left % 60).padStart(2, '0')} left
          </span>
        )}
        <p>{incident.description}</p>
        {toggle.isError && <Notice tone="bad" messages={[toggle.error.message]} />}
      </div>
      <Button variant={incident.active ? 'filled' : 'default'} color={incident.active ? 'red' : 'gray'} disabled={!canEdit} loading={toggle.isPending} leftSection={incident.active ? <IconPlayerStop size={14} /> : <IconPlayerPlay size={14} />} onClick={() => toggle.mutate()} aria-label={`${incident.active ? 'Stop' : 'Start'}: ${incident.title}`}>
        {incident.active ? 'Stop' : 'Start'}
      </Button>
    </div>
  );
}

function Services({ state }: { state: SimulatorState }) {
  return (
    <Panel title="Simulated services">
      <div className={classes.services}>
        {state.services.map((service) => (
          <span key={service.name} className={classes.service} data-healthy={service.healthy} title={service.healthy ? 'healthy' : 'affected by an incident'}>
            <span className={classes.dot} /> {service.name}
          </span>
        ))}
      </div>
    </Panel>
  );
}

function LookAt() {
  const links: { label: string; text: string; to: string; search: object }[] = [
    { label: 'Overview dashboard', text: 'throughput, latency and errors across the layers', to: '/dashboards/overview', search: {} },
    { label: 'Storage dashboard', text: 'what a slow database does to writes and pools', to: '/dashboards/storage', search: {} },
    { label: 'Operations dashboard', text: 'what the web application traffic creates, reads, updates and deletes', to: '/dashboards/operations', search: {} },
    { label: 'Alerts', text: 'fire within a minute of an incident and resolve after it', to: '/alerts', search: {} },
    { label: 'Traces of the web application', text: 'each request through its services', ...exploreTraces('webapp') },
    { label: 'Logs of the web application', text: 'structured lines and access logs', ...exploreLogs('{service_name="webapp"}') },
  ];
  return (
    <Panel title="What to look at" flush>
      <ul className={classes.look}>
        {links.map((link) => (
          <li key={link.label}>
            <Link to={link.to as never} search={link.search as never}>
              <span>
                <strong>{link.label}</strong> <span className="dim">{link.text}</span>
              </span>
              <IconArrowRight size={14} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
