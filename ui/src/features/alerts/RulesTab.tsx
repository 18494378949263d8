import { SegmentedControl, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Rule, RuleGroup } from '@/api/prometheus';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import { formatDuration, formatMicros } from '@/lib/duration';
import { exploreMetrics } from '@/lib/links';
import { NoRules } from '@/features/alerts/NoRules';
import classes from './AlertsPage.module.css';

export type RuleState = 'all' | 'firing' | 'pending' | 'inactive' | 'error';

interface RulesTabProps {
  query: UseQueryResult<RuleGroup[]>;
  text: string;
  state: RuleState;
  onText: (text: string) => void;
  onState: (state: RuleState) => void;
}

const stateNames: Record<RuleState, string> = { all: 'All', firing: 'Firing', pending: 'Pending', inactive: 'Inactive', error: 'In error' };

/** A rule's state: a rule that cannot be evaluated is in error whatever else. */
export function ruleState(rule: Rule): Exclude<RuleState, 'all'> | 'recording' | 'unknown' {
  if (rule.health === 'err') return 'error';
  return rule.type === 'recording' ? 'recording' : rule.state;
}

/** Every rule by file and group, with its state and what its last evaluation said. */
export function RulesTab({ query, text, state, onText, onState }: RulesTabProps) {
  const all = useMemo(() => query.data?.flatMap((group) => group.rules) ?? [], [query.data]);
  const count = (one: RuleState) => (one === 'all' ? all.length : all.filter((rule) => ruleState(rule) === one).length);
  return (
    <div className={classes.tab}>
      <div className={classes.filters}>
        <TextInput className={classes.search} leftSection={<IconSearch size={14} />} placeholder="Filter by name, expression or group" aria-label="Filter rules" value={text} onChange={(event) => onText(event.currentTarget.value)} />
        <SegmentedControl
          aria-label="State"
          value={state}
          onChange={(value) => onState(value as RuleState)}
          data={(['all', 'firing', 'pending', 'inactive', 'error'] as const).map((one) => ({ value: one, label: `${stateNames[one]} ${count(one)}` }))}
        />
      </div>
      <QueryView
        query={query}
        errorTitle="The rules could not be loaded"
        isEmpty={(data) => data.length === 0}
        empty={<NoRules />}
      >
        {(groups) => <Groups groups={groups} text={text} state={state} />}
      </QueryView>
    </div>
  );
}

function Groups({ groups, text, state }: { groups: readonly RuleGroup[]; text: string; state: RuleState }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = groups.flatMap((group) => {
    const rules = group.rules.filter((rule) => {
      if (state !== 'all' && ruleState(rule) !== state) return false;
      const haystack = `${rule.name}\n${rule.query}\n${group.name}\n${group.file}\n${Object.entries(rule.labels ?? {}).join('\n')}`.toLowerCase();
      return words.every((word) => haystack.includes(word));
    });
    return rules.length === 0 ? [] : [{ group, rules }];
  });
  if (found.length === 0) return <EmptyState title="No rule matches" />;
  return found.map(({ group, rules }) => (
    <section key={`${group.file}/${group.name}`} className={classes.rules} aria-label={group.name}>
      <header className={classes.rulesHead}>
        <h2>{group.name}</h2>
        <span className="dim">
          every {formatDuration(group.interval * 1000)} · took {formatMicros(group.evaluationTime * 1e6)} · <Age at={group.lastEvaluation} /> ago
        </span>
        <span className={`${classes.file} faint mono`} title={group.file}>
          {group.file.split('/').slice(-2).join('/')}
        </span>
      </header>
      {rules.map((rule, index) => (
        <RuleRow key={`${rule.name}/${index}`} rule={rule} />
      ))}
    </section>
  ));
}

function RuleRow({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState(false);
  const state = ruleState(rule);
  const active = rule.type === 'alerting' ? rule.alerts : [];
  const place = exploreMetrics([rule.query]);
  return (
    <div className={classes.rule} data-state={state}>
      <button type="button" className={classes.ruleHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
        <span className={classes.state} data-state={state}>
          {state}
        </span>
        <span className={classes.ruleName}>{rule.name}</span>
        {active.length > 0 && <span className="dim num">{active.length === 1 ? '1 alert' : `${active.length} alerts`}</span>}
        <span className={classes.ruleExpr}>{rule.query}</span>
      </button>
      {rule.lastError !== undefined && rule.lastError !== '' && <Notice tone="bad" messages={[rule.lastError]} />}
      {open && (
        <div className={classes.ruleBody}>
          <pre className={classes.expr}>{rule.query}</pre>
          <dl className={classes.facts}>
            {rule.type === 'alerting' && (
              <>
                <dt>for</dt>
                <dd>{formatDuration(rule.duration * 1000)}</dd>
                {Object.entries(rule.annotations ?? {}).map(([name, value]) => (
                  <Fact key={name} name={name} value={value} />
                ))}
              </>
            )}
            {Object.entries(rule.labels ?? {}).map(([name, value]) => (
              <Fact key={name} name={name} value={value} />
            ))}
            <dt>evaluation</dt>
            <dd>
              took {formatMicros(rule.evaluationTime * 1e6)}, <Age at={rule.lastEvaluation} /> ago
            </dd>
          </dl>
          {active.map((alert) => (
            <div key={JSON.stringify(alert.labels)} className={classes.active}>
              <span className={classes.state} data-state={alert.state}>
                {alert.state}
              </span>
              <span className={classes.labels}>
                {Object.entries(alert.labels)
                  .filter(([name]) => name !== 'alertname' && !(name in (rule.labels ?? {})))
                  .map(([name, value]) => (
                    <span key={name} className={classes.label}>
                      <span className="dim">{name}=</span>
                      {value}
                    </span>
                  ))}
              </span>
              <span className="num">{Number(Number(alert.value).toPrecision(5))}</span>
              {alert.activeAt !== undefined && (
                <span className="dim">
                  since <Age at={alert.activeAt} />
                </span>
              )}
            </div>
          ))}
          <Link className={classes.action} to={place.to as never} search={place.search as never}>
            Explore the expression
          </Link>
        </div>
      )}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
