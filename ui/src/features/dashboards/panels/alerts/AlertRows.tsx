import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Age } from '@/components/Age';
import type { AlertGroup, AlertInstance, AlertRule, AlertState } from '@/features/dashboards/panels/alerts/alertRules';
import classes from './alerts.module.css';

const stateNames: Record<AlertState, string> = { firing: 'Firing', pending: 'Pending', recovering: 'Recovering', error: 'Error', noData: 'No data', normal: 'Normal' };
const mostInstances = 200;

/** What an instance says; a rule without one has only the template, of which the words are shown. */
function summaryOf(rule: AlertRule): string {
  const annotations = rule.instances[0]?.annotations ?? rule.annotations;
  return (annotations.summary ?? annotations.description ?? rule.group).replace(/\{\{.*?\}\}/g, '…');
}

/** One rule with its state, and its instances when opened. */
export function RuleRow({ rule, expanded }: { rule: AlertRule; expanded: boolean }) {
  const [open, setOpen] = useState(expanded);
  const summary = rule.error ?? summaryOf(rule);
  return (
    <div className={classes.item}>
      <div className={classes.rule}>
        <StateDot state={rule.state} severity={rule.labels.severity} />
        <Link to={'/alerts' as string} className={classes.name} title={rule.name}>
          {rule.name}
        </Link>
        <span className={classes.state} data-state-name={rule.state}>
          {stateNames[rule.state]}
          {rule.since > 0 && (
            <>
              {' '}
              for <Age at={rule.since} />
            </>
          )}
        </span>
        <span className={classes.summary} title={summary}>
          {summary}
        </span>
        {rule.instances.length > 0 && <Opener open={open} count={rule.instances.length} of={rule.name} onToggle={() => setOpen(!open)} />}
      </div>
      {open && <Instances instances={rule.instances} without={new Set(['alertname'])} />}
    </div>
  );
}

/** Instances that share some labels. */
export function GroupRow({ group, expanded }: { group: AlertGroup; expanded: boolean }) {
  const [open, setOpen] = useState(expanded);
  const worst = group.instances.find((one) => one.state === 'firing') ?? group.instances[0];
  return (
    <div className={classes.item}>
      <div className={classes.rule}>
        <StateDot state={worst?.state ?? 'normal'} severity={worst?.labels.severity} />
        <span className={classes.name}>{group.labels.length === 0 ? 'Without these labels' : group.labels.map(([name, value]) => `${name}=${value}`).join(' ')}</span>
        <Opener open={open} count={group.instances.length} of={group.labels.map(([, value]) => value).join(' ')} onToggle={() => setOpen(!open)} />
      </div>
      {open && <Instances instances={group.instances} without={new Set(group.labels.map(([name]) => name))} />}
    </div>
  );
}

function Opener({ open, count, of, onToggle }: { open: boolean; count: number; of: string; onToggle: () => void }) {
  return (
    <button type="button" className={classes.opener} aria-expanded={open} aria-label={`${count === 1 ? '1 instance' : `${count} instances`} of ${of}`} onClick={onToggle}>
      {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
      {count === 1 ? '1 instance' : `${count} instances`}
    </button>
  );
}

function Instances({ instances, without }: { instances: readonly AlertInstance[]; without: ReadonlySet<string> }) {
  return (
    <ul className={classes.instances}>
      {instances.slice(0, mostInstances).map((instance, index) => (
        <li key={index}>
          <StateDot state={instance.state} severity={instance.labels.severity} />
          <span className={classes.labels}>
            {Object.entries(instance.labels)
              .filter(([name]) => !without.has(name))
              .map(([name, value]) => (
                <span key={name} className={classes.label}>
                  {name}={value}
                </span>
              ))}
            {instance.silenced && <span className={classes.silenced}>silenced</span>}
          </span>
          <span className="dim">{instance.since > 0 && <Age at={instance.since} />}</span>
        </li>
      ))}
      {instances.length > mostInstances && <li className="dim">{instances.length - mostInstances} more are not shown</li>}
    </ul>
  );
}

function StateDot({ state, severity }: { state: AlertState; severity: string | undefined }) {
  const color = state === 'normal' ? 'var(--ok)' : state === 'firing' || state === 'error' ? (severity === 'critical' || state === 'error' ? 'var(--bad)' : 'var(--warn)') : state === 'pending' ? 'var(--warn)' : 'var(--text-faint)';
  return <span className={classes.dot} data-hollow={state === 'pending' || state === 'noData'} style={{ color }} aria-hidden="true" />;
}
