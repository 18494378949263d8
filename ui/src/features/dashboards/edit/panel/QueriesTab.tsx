import { Button, NumberInput, TextInput } from '@mantine/core';
import { IconAdjustments, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { DatasourceSelect } from '@/features/dashboards/edit/DatasourceSelect';
import { moved, replaced } from '@/features/dashboards/edit/fields';
import { nextRefId, withDatasource } from '@/features/dashboards/edit/panel/targets';
import { QueryRow } from '@/features/dashboards/edit/panel/QueryRow';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { mixed, resolveDatasource } from '@/features/dashboards/model/datasources';
import type { PanelJson, TargetJson } from '@/features/dashboards/model/types';
import type { PanelState } from '@/features/dashboards/usePanel';
import classes from './panel.module.css';

interface QueriesTabProps {
  panel: PanelJson;
  context: Omit<PlanContext, 'points'>;
  state: PanelState;
  onChange: (change: (panel: PanelJson) => PanelJson, kind?: string) => void;
}

/** A panel's data source, its queries in their order, and what holds for all of them. */
export function QueriesTab({ panel, context, state, onChange }: QueriesTabProps) {
  const [options, setOptions] = useState(false);
  const targets = panel.targets ?? [];
  const { datasources, variables } = context;
  const set = (next: TargetJson[], kind?: string) => onChange((now) => ({ ...now, targets: next }), kind);
  const isMixed = panel.datasource?.uid === mixed;
  const add = () => {
    const last = targets.at(-1);
    const ref = isMixed ? (last?.datasource ?? undefined) : (panel.datasource ?? undefined);
    set([...targets, { refId: nextRefId(targets), ...(ref === undefined || ref === null ? {} : { datasource: ref }) }]);
  };
  const changed = [panel.interval, panel.maxDataPoints, panel.timeFrom, panel.timeShift].filter((one) => one !== undefined && one !== null && one !== '').length;
  return (
    <>
      <div className={classes.source}>
        <DatasourceSelect label="Data source" hideLabel value={panel.datasource} datasources={datasources} variables={variables} allowMixed onChange={(ref) => onChange((now) => withDatasource(now, ref, datasources))} />
        <Button variant="subtle" color="gray" leftSection={<IconAdjustments size={14} />} aria-expanded={options} onClick={() => setOptions(!options)}>
          Query options{changed > 0 ? ` (${changed})` : ''}
        </Button>
        <span className="dim num" style={{ fontSize: 12 }}>
          {state.plan.queries[0] !== undefined && `step ${state.plan.scope.__interval ?? ''}, rate over ${state.plan.scope.__rate_interval ?? ''}`}
        </span>
      </div>
      {options && (
        <div className={classes.options}>
          <NumberInput label="Max data points" min={1} max={11_000} placeholder="panel width" value={panel.maxDataPoints ?? ''} onChange={(value) => onChange((now) => ({ ...now, maxDataPoints: typeof value === 'number' ? value : null }), 'points')} />
          <TextInput label="Min interval" placeholder="scrape interval" value={panel.interval ?? ''} onChange={(event) => onChange((now) => ({ ...now, interval: event.currentTarget.value || null }), 'interval')} />
          <TextInput label="Relative time" placeholder="6h" value={panel.timeFrom ?? ''} onChange={(event) => onChange((now) => ({ ...now, timeFrom: event.currentTarget.value || null }), 'timeFrom')} />
          <TextInput label="Time shift" placeholder="1d" value={panel.timeShift ?? ''} onChange={(event) => onChange((now) => ({ ...now, timeShift: event.currentTarget.value || null }), 'timeShift')} />
        </div>
      )}
      {targets.length === 0 && <EmptyState title="No query" action={<Button onClick={add}>Add a query</Button>} />}
      {targets.map((target, index) => (
        <QueryRow
          key={`${index}/${target.refId}`}
          target={target}
          index={index}
          count={targets.length}
          isMixed={isMixed}
          datasource={resolveDatasource(isMixed ? target.datasource : (target.datasource ?? panel.datasource), datasources, variables, context.dashboard.__inputs)}
          context={context}
          sent={state.plan.queries.find((one) => one.refId === target.refId)?.expr}
          taken={targets.filter((_, at) => at !== index).map((one) => one.refId ?? '')}
          onChange={(next, kind) => set(replaced(targets, index, next), kind === undefined ? undefined : `query/${index}/${kind}`)}
          onMove={(to) => set(moved(targets, index, to))}
          onDuplicate={() => set([...targets, { ...structuredClone(target), refId: nextRefId(targets) }])}
          onRemove={() => set(targets.filter((_, at) => at !== index))}
        />
      ))}
      {targets.length > 0 && (
        <Button variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: 'flex-start' }} onClick={add}>
          Add a query
        </Button>
      )}
      {state.error !== null && state.error !== undefined && <p className={classes.problem}>{state.error instanceof Error ? state.error.message : String(state.error)}</p>}
      {state.warnings.map((one) => (
        <p key={one} className={classes.problem} style={{ color: 'var(--warn)' }}>
          {one}
        </p>
      ))}
    </>
  );
}
