import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { alerts } from '@/api/alertmanager';
import { isRouted } from '@/api/http';
import { rules } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { GroupRow, RuleRow } from '@/features/dashboards/panels/alerts/AlertRows';
import { alertFilter, alertRules, groupInstances, sortRules } from '@/features/dashboards/panels/alerts/alertRules';
import { listOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './alerts/alerts.module.css';

const refreshMs = 5_000;

/** An alert list names what is watched and where: public links do not show it. */
export function AlertListPanel(props: Pick<PanelProps, 'panel' | 'replace'>) {
  if (isRouted()) return <EmptyState title="Alerts are not shared">A public link shows no alert lists. Sign in to see this one.</EmptyState>;
  return <AlertList {...props} />;
}

/** Alert rules in the states that the panel asks for, with their instances; or instances by labels; or only how many there are. */
function AlertList({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const { options } = panel;
  const { uid = '' } = useParams({ strict: false });
  const query = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => rules(signal), refetchInterval: refreshMs });
  // Without it nothing is known to be silenced; the rules are still right.
  const active = useQuery({ queryKey: ['alerts'], queryFn: ({ signal }) => alerts(signal), refetchInterval: refreshMs });
  const filter = useMemo(() => alertFilter(options, replace, uid), [options, replace, uid]);
  const found = useMemo(() => sortRules(alertRules(query.data ?? [], active.data ?? [], filter), option(options, 'sortOrder', 3)), [query.data, active.data, filter, options]);
  if (query.isError && query.data === undefined) return <ErrorState error={query.error} title="Alerts could not be loaded" onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <LoadingState label="Loading alerts" lines={3} />;
  if (option(options, 'viewMode', 'list') === 'stat') {
    const count = found.reduce((sum, rule) => sum + rule.instances.length, 0);
    return (
      <div className={classes.count} data-bad={found.some((rule) => rule.state === 'firing')}>
        {count}
        <span>{count === 1 ? 'alert' : 'alerts'}</span>
      </div>
    );
  }
  if (found.length === 0) return <EmptyState title="No alerts">{filter.states.firing ? 'No rule is in a state that this panel lists.' : 'This panel lists no firing alerts.'}</EmptyState>;
  const most = option(options, 'maxItems', 20);
  const by = listOption(options, 'groupBy');
  return (
    <div className={classes.list} tabIndex={0} role="group" aria-label="Alerts">
      {option(options, 'groupMode', 'default') === 'custom' && by.length > 0
        ? groupInstances(found, by)
            .slice(0, most)
            .map((group) => <GroupRow key={group.key} group={group} expanded={option(options, 'showInstances', false)} />)
        : found.slice(0, most).map((rule) => <RuleRow key={rule.key} rule={rule} expanded={option(options, 'showInstances', false)} />)}
      {found.length > most && <div className={classes.more}>{found.length - most} more are not shown</div>}
    </div>
  );
}
