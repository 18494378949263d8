import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconCopy, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import { IconButton, moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { VariableForm } from '@/features/dashboards/edit/settings/VariableForm';
import { describeVariable, newVariable, usages, variableKinds } from '@/features/dashboards/edit/settings/variableModel';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { VariableJson } from '@/features/dashboards/model/types';
import classes from './settings.module.css';

/** The dashboard's variables: their order, and one of them in a form. */
export function VariableSettings({ draft, context }: { draft: Draft; context: Omit<PlanContext, 'points'> }) {
  const list = draft.dashboard.templating?.list ?? [];
  const [open, setOpen] = useState<number>();
  const set = (next: VariableJson[], kind?: string) => draft.change((now) => ({ ...now, templating: { ...now.templating, list: next } }), kind);
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
        context={context}
        onChange={(next) => set(replaced(list, open, next), `variable/${open}`)}
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
      {list.length > 0 && (
        <div className={classes.list}>
          {list.map((variable, index) => {
            const used = usages(draft.dashboard, variable.name);
            return (
              <div key={index} className={classes.entry}>
                <button type="button" className={classes.entryName} onClick={() => setOpen(index)}>
                  ${variable.name}
                </button>
                <span className={classes.entryText}>{describeVariable(variable)}</span>
                <span className="faint" style={{ fontSize: 12, whiteSpace: 'nowrap' }}>
                  {used === 0 ? 'not used' : `used ${used}×`}
                </span>
                <OrderButtons what={`$${variable.name}`} index={index} count={list.length} onMove={(to) => set(moved(list, index, to))} onRemove={() => set(list.filter((_, at) => at !== index))}>
                  <IconButton label={`Duplicate $${variable.name}`} icon={<IconCopy size={14} />} onClick={() => add({ ...structuredClone(variable), name: freeName(variable.name, list) })} />
                </OrderButtons>
              </div>
            );
          })}
        </div>
      )}
    </>
  );
}

function freeName(name: string, list: readonly VariableJson[]): string {
  for (let n = 2; ; n++) if (!list.some((one) => one.name === `${name}${n}`)) return `${name}${n}`;
}
