import { Select, TextInput } from '@mantine/core';
import { IconBellOff, IconCircleCheck, IconCompass, IconExternalLink, IconSearch } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { GettableAlert } from '@/api/alertmanager';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { QueryView } from '@/components/QueryView';
import { NoRules } from '@/features/alerts/NoRules';
import { groupAlerts, type Grouping, searchAlerts } from '@/features/alerts/groupAlerts';
import { exactMatchers, formatMatchers } from '@/features/alerts/matchers';
import { exploreLogs, exploreMetrics } from '@/lib/links';
import classes from './AlertsPage.module.css';

interface FiringTabProps {
  query: UseQueryResult<GettableAlert[]>;
  /** Undefined while it is not known. */
  ruleCount: number | undefined;
  text: string;
  group: Grouping;
  onText: (text: string) => void;
  onGroup: (group: Grouping) => void;
  /** Opens the form for a silence with these matchers; undefined for readers who may not. */
  onSilence: ((matchers: string) => void) | undefined;
}

/** Alerts as Alertmanager holds them, by group, worst first. */
export function FiringTab({ query, ruleCount, text, group, onText, onGroup, onSilence }: FiringTabProps) {
  return (
    <div className={classes.tab}>
      <div className={classes.filters}>
        <TextInput className={classes.search} leftSection={<IconSearch size={14} />} placeholder="Filter by name, label or text" aria-label="Filter alerts" value={text} onChange={(event) => onText(event.currentTarget.value)} />
        <Select aria-label="Group by" w={160} value={group} allowDeselect={false} onChange={(value) => onGroup(value as Grouping)} data={[{ value: 'alertname', label: 'Group by name' }, { value: 'severity', label: 'Group by severity' }, { value: 'layer', label: 'Group by layer' }, { value: 'none', label: 'No groups' }]} />
      </div>
      <QueryView
        query={query}
        errorTitle="The alerts could not be loaded"
        isEmpty={(data) => data.length === 0}
        empty={
          ruleCount === 0 ? (
            <NoRules />
          ) : (
            <EmptyState title="Nothing fires" icon={<IconCircleCheck size={26} color="var(--ok)" />}>
              Every rule is quiet. Rules shows what is watched.
            </EmptyState>
          )
        }
      >
        {(data) => <Groups alerts={data} text={text} group={group} onSilence={onSilence} />}
      </QueryView>
    </div>
  );
}

function Groups({ alerts, text, group, onSilence }: Pick<FiringTabProps, 'text' | 'group' | 'onSilence'> & { alerts: readonly GettableAlert[] }) {
  const groups = useMemo(() => groupAlerts(searchAlerts(alerts, text), group), [alerts, text, group]);
  if (groups.length === 0) return <EmptyState title="No alert matches" />;
  return groups.map((one) => (
    <section key={one.key} className={classes.group} aria-label={one.key || 'Alerts'}>
      {group !== 'none' && (group !== 'alertname' || one.alerts.length > 1) && (
        <h2 className={classes.groupHead}>
          {one.key === '' ? `no ${group}` : one.key} <span className="faint num">{one.alerts.length}</span>
        </h2>
      )}
      {one.alerts.map((alert) => (
        <AlertCard key={alert.fingerprint} alert={alert} onSilence={onSilence} />
      ))}
    </section>
  ));
}

function AlertCard({ alert, onSilence }: { alert: GettableAlert; onSilence: FiringTabProps['onSilence'] }) {
  const { alertname = 'Alert', severity = '', ...labels } = alert.labels;
  const { summary, description, runbook_url: runbook, ...others } = alert.annotations;
  const expression = generatorExpression(alert.generatorURL);
  const service = alert.labels.service ?? alert.labels.job;
  const suppressed = alert.status.silencedBy.length > 0 ? 'silenced' : alert.status.inhibitedBy.length > 0 ? 'inhibited' : undefined;
  const started = Date.parse(alert.startsAt);
  const around = { from: started - 900_000, to: Date.now() };
  return (
    <article className={classes.alert} data-severity={severity} data-suppressed={suppressed !== undefined}>
      <div className={classes.alertHead}>
        <span className={classes.severity} data-severity={severity}>
          {severity || 'alert'}
        </span>
        <h3 className={classes.alertName}>{alertname}</h3>
        {suppressed !== undefined && (
          <span className={classes.suppressed}>
            <IconBellOff size={13} /> {suppressed}
          </span>
        )}
        <span className={classes.since}>
          since <Age at={alert.startsAt} />
        </span>
      </div>
      {summary !== undefined && <p className={classes.summary}>{summary}</p>}
      {description !== undefined && description !== summary && <p className={classes.text}>{description}</p>}
      {Object.entries(others).map(([name, value]) => (
        <p key={name} className={classes.text}>
          <span className="faint">{name}: </span>
          {value}
        </p>
      ))}
      <div className={classes.alertFoot}>
        <span className={classes.labels}>
          {Object.entries(labels).map(([name, value]) => (
            <span key={name} className={classes.label}>
              <span className="dim">{name}=</span>
              {value}
            </span>
          ))}
        </span>
        <span className={classes.actions}>
          {runbook !== undefined && /^https?:/.test(runbook) && (
            <a className={classes.action} href={runbook} target="_blank" rel="noreferrer">
              <IconExternalLink size={13} /> Runbook
            </a>
          )}
          {expression !== undefined && (
            <Link className={classes.action} to={exploreMetrics([expression], around).to as never} search={exploreMetrics([expression], around).search as never}>
              <IconCompass size={13} /> Metrics
            </Link>
          )}
          {service !== undefined && (
            <Link className={classes.action} to={'/explore' as never} search={exploreLogs(`{service_name=${JSON.stringify(service)}}`, around).search as never}>
              <IconCompass size={13} /> Logs
            </Link>
          )}
          {onSilence !== undefined && (
            <button type="button" className={classes.action} onClick={() => onSilence(formatMatchers(exactMatchers(alert.labels)))}>
              <IconBellOff size={13} /> Silence
            </button>
          )}
        </span>
      </div>
    </article>
  );
}

/** The rule's expression: Prometheus writes it into the link to its own graph page. */
export function generatorExpression(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  try {
    const params = new URL(url, 'http://localhost').searchParams;
    return params.get('g0.expr') ?? params.get('expr') ?? undefined;
  } catch {
    return undefined;
  }
}
