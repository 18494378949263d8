import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rules } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './panels.module.css';

/** Alerts of the rules in the states that the panel asks for, worst and newest first. */
export function AlertListPanel({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const query = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => rules(signal), refetchInterval: 5_000 });
  if (query.isError && query.data === undefined) return <ErrorState error={query.error} title="Alerts could not be loaded" onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <LoadingState label="Loading alerts" />;
  const states = objectOption(panel.options, 'stateFilter');
  const name = replace(option(panel.options, 'alertName', ''));
  const alerts = query.data
    .flatMap((group) => group.rules)
    .flatMap((rule) => (rule.type === 'alerting' ? rule.alerts.map((alert) => ({ rule, alert })) : []))
    .filter(({ alert }) => (alert.state === 'pending' ? states.pending !== false : states.firing !== false))
    .filter(({ rule }) => name === '' || rule.name.includes(name))
    .sort((a, b) => (a.alert.state === b.alert.state ? (b.alert.activeAt ?? '').localeCompare(a.alert.activeAt ?? '') : a.alert.state === 'firing' ? -1 : 1))
    .slice(0, option(panel.options, 'maxItems', 20));
  if (alerts.length === 0) return <EmptyState title="No alerts">All rules are quiet.</EmptyState>;
  return (
    <div className={classes.alerts}>
      {alerts.map(({ rule, alert }) => (
        <Link key={JSON.stringify([rule.name, alert.labels])} to={'/alerts' as string} className={classes.alert}>
          <span className={classes.alertDot} style={{ background: alert.state === 'pending' ? 'var(--text-faint)' : alert.labels.severity === 'critical' ? 'var(--bad)' : 'var(--warn)' }} />
          <span className={classes.alertName}>{rule.name}</span>
          <span className="dim">{alert.state}</span>
          <span className={classes.alertText}>{alert.annotations.summary ?? alert.annotations.description ?? Object.entries(alert.labels).map(([key, value]) => `${key}=${value}`).join(' ')}</span>
        </Link>
      ))}
    </div>
  );
}
