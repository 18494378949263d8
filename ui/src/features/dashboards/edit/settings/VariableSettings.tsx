import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconCopy, IconGripVertical, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { IconButton, moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { VariableForm } from '@/features/dashboards/edit/settings/VariableForm';
import { describeVariable, newVariable, variableKinds } from '@/features/dashboards/edit/settings/variableModel';
import { type VariableOrder, variableOrder } from '@/features/dashboards/edit/settings/variableOrder';
import { renameVariable, usesOf } from '@/features/dashboards/edit/settings/variableUses';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { useDragOrder } from '@/features/dashboards/edit/useDragOrder';
import type { VariableJson } from '@/features/dashboards/model/types';
import classes from './settings.module.css';

interface VariableSettingsProps {
  draft: Draft;
  context: Omit<PlanContext, 'points'>;
  /** Opens a panel's editor. */
  onPanel: (id: number) => void;
}

/** The dashboard's variables: their order, and one of them in a form. */
export function VariableSettings({ draft, context, onPanel }: VariableSettingsProps) {
  const list = useMemo(() => draft.dashboard.templating?.list ?? [], [draft.dashboard.templating]);
  const [open, setOpen] = useState<number>();
  const order = useMemo(() => variableOrder(list), [list]);
  const uses = useMemo(() => list.map((one) => usesOf(draft.dashboard, one.name)), [list, draft.dashboard]);
  const set = (next: VariableJson[], kind?: string) => draft.change((now) => ({ ...now, templating: { ...now.templating, list: next } }), kind);
  const move = (from: number, to: number) => set(moved(list, from, to));
  const rowOf = useDragOrder(list.length, move);
  const add = (variable: VariableJson) => {
    set([...list, variable]);
    setOpen(list.length);
  };
  const edited = open === undefined ? undefined : list[open];
  if (edited !== undefined && open !== undefined) {
    return (
      <VariableForm
        key={open}
        variable={edited}
        others={list.filter((_, at) => at !== open).map((one) => one.name)}
        uses={uses[open] ?? []}
        context={context}
        onChange={(next) => set(replaced(list, open, next), `variable/${open}`)}
        onRename={(to, withUses) => draft.change((now) => renameVariable(now, edited.name, to, withUses))}
        onPanel={onPanel}
        onBack={() => setOpen(undefined)}
      />
    );
  }
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>Variables</h2>
        <Menu position="bottom-end" shadow="md" width={280}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={14} />} rightSection={<IconChevronDown size={13} />}>
              Add a variable
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {variableKinds.map((kind) => (
              <Menu.Item key={kind.type} onClick={() => add(newVariable(kind.type, list, context.datasources))}>
                {kind.label}
                <div className="dim" style={{ fontSize: 11.5 }}>
                  {kind.text}
                </div>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      {list.length === 0 && <EmptyState title="No variables">A variable is a choice above the panels: a cluster, a service, a quantile. Queries use it as $name.</EmptyState>}
      <Notice tone="bad" messages={order.circles.map((circle) => `${circle.map((name) => `$${name}`).join(' → ')}: none of them can be loaded first. Change the query of one.`)} />
      {list.length > 0 && (
        <div className={classes.list} role="list" aria-label="Variables">
          {list.map((variable, index) => (
            <div key={index} role="listitem" className={classes.entry} {...rowOf(index)}>
              <IconGripVertical size={14} className={classes.grip} aria-hidden="true" />
              <button type="button" className={classes.entryName} title="Alt and arrow keys move it" onClick={() => setOpen(index)}>
                ${variable.name}
              </button>
              <span className={classes.entryText} title={describeVariable(variable)}>
                {describeVariable(variable)}
              </span>
              <Needs names={order.needs.get(variable.name) ?? []} />
              <span className="faint" style={{ fontSize: 12, whiteSpace: 'nowrap' }}>
                {(uses[index] ?? []).length === 0 ? 'not used' : `used ${(uses[index] ?? []).length}×`}
              </span>
              <OrderButtons what={`$${variable.name}`} index={index} count={list.length} onMove={(to) => move(index, to)} onRemove={() => set(list.filter((_, at) => at !== index))}>
                <IconButton label={`Duplicate $${variable.name}`} icon={<IconCopy size={14} />} onClick={() => add({ ...structuredClone(variable), name: freeName(variable.name, list) })} />
              </OrderButtons>
            </div>
          ))}
        </div>
      )}
      <LoadOrder order={order} />
    </>
  );
}

function Needs({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return <span className={classes.needs}>after {names.map((name) => `$${name}`).join(', ')}</span>;
}

/** The order in which the values are asked for; worth saying only when there is one. */
function LoadOrder({ order }: { order: VariableOrder }) {
  if (order.steps.length < 2) return null;
  return (
    <p className={classes.loadOrder}>
      Loaded in this order: {order.steps.map((step) => step.map((name) => `$${name}`).join(', ')).join('  →  ')}
    </p>
  );
}

function freeName(name: string, list: readonly VariableJson[]): string {
  for (let n = 2; ; n++) if (!list.some((one) => one.name === `${name}${n}`)) return `${name}${n}`;
}
