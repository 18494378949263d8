import { ActionIcon, Autocomplete, Button, Menu, Select, TagsInput } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import type { Operation, OperationDef } from '@/lib/promqlBuilder';
import classes from './builder.module.css';

interface OperationListProps {
  operations: readonly Operation[];
  definitions: readonly OperationDef[];
  labels: readonly string[];
  onChange: (operations: Operation[]) => void;
}

const groups = ['Rate and range', 'Aggregate', 'Function', 'Arithmetic'] as const;
const ranges = ['$__rate_interval', '$__interval', '$__range', '$__auto', '1m', '5m', '10m', '1h', '1d'];

/** What is done to the values, from the inside out. */
export function OperationList({ operations, definitions, labels, onChange }: OperationListProps) {
  const known = new Map(definitions.map((one) => [one.id, one]));
  const add = (def: OperationDef) => {
    const made: Operation = { id: def.id, params: def.params.map((one) => one.start) };
    // A range needs the bare samples: it comes first, and there is one.
    onChange(def.range === true ? [made, ...operations.filter((one) => known.get(one.id)?.range !== true)] : [...operations, made]);
  };
  const swap = (a: number, b: number) => {
    const next = [...operations];
    const [one, other] = [next[a], next[b]];
    if (one === undefined || other === undefined) return;
    next[a] = other;
    next[b] = one;
    onChange(next);
  };
  return (
    <div>
      <p className={classes.title}>Operations</p>
      <ol className={classes.chain}>
        {operations.map((operation, index) => {
          const def = known.get(operation.id);
          const set = (change: Partial<Operation>) => onChange(operations.map((one, at) => (at === index ? { ...one, ...change } : one)));
          const fixed = def?.range === true;
          const before = known.get(operations[index - 1]?.id ?? '');
          return (
            <li key={index} className={classes.op}>
              <div className={classes.opHead}>
                {operation.id}
                <span style={{ display: 'inline-flex' }}>
                  {!fixed && index > 0 && before?.range !== true && <Small label={`Move ${operation.id} inwards`} icon={<IconArrowLeft size={12} />} onClick={() => swap(index, index - 1)} />}
                  {!fixed && index < operations.length - 1 && <Small label={`Move ${operation.id} outwards`} icon={<IconArrowRight size={12} />} onClick={() => swap(index, index + 1)} />}
                  <Small label={`Remove ${operation.id}`} icon={<IconX size={13} />} onClick={() => onChange(operations.filter((_, at) => at !== index))} />
                </span>
              </div>
              {(operation.params.length > 0 || def?.aggregate === true) && (
                <div className={classes.opBody}>
                  {operation.params.map((param, at) => (
                    <Autocomplete key={at} size="xs" aria-label={`${operation.id}: ${def?.params[at]?.name ?? 'parameter'}`} placeholder={def?.params[at]?.name ?? ''} data={def?.params[at]?.name === 'range' ? ranges : []} value={param} onChange={(next) => set({ params: operation.params.map((one, i) => (i === at ? next : one)) })} />
                  ))}
                  {def?.aggregate === true && (
                    <>
                      <Select aria-label={`${operation.id}: grouping`} data={[{ value: 'none', label: 'over all' }, { value: 'by', label: 'by' }, { value: 'without', label: 'without' }]} value={operation.grouping?.kind ?? 'none'} allowDeselect={false} onChange={(kind) => onChange(operations.map((one, i) => (i === index ? regrouped(one, kind) : one)))} />
                      {operation.grouping !== undefined && <TagsInput size="xs" aria-label={`${operation.id}: labels`} placeholder="labels" data={[...labels]} value={operation.grouping.labels} onChange={(next) => set({ grouping: { kind: operation.grouping?.kind ?? 'by', labels: next } })} />}
                    </>
                  )}
                </div>
              )}
            </li>
          );
        })}
        <li style={{ display: 'flex', alignItems: 'center' }}>
          <Menu position="bottom-start" shadow="md">
            <Menu.Target>
              <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />}>
                Operation
              </Button>
            </Menu.Target>
            <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
              {groups.map((group) => {
                const list = definitions.filter((one) => one.group === group);
                return (
                  list.length > 0 && (
                    <div key={group}>
                      <Menu.Label>{group}</Menu.Label>
                      {list.map((one) => (
                        <Menu.Item key={one.id} ff="monospace" onClick={() => add(one)}>
                          {one.label}
                        </Menu.Item>
                      ))}
                    </div>
                  )
                );
              })}
            </Menu.Dropdown>
          </Menu>
        </li>
      </ol>
    </div>
  );
}

function regrouped(operation: Operation, kind: string | null): Operation {
  if (kind !== 'by' && kind !== 'without') return { id: operation.id, params: operation.params };
  return { ...operation, grouping: { kind, labels: operation.grouping?.labels ?? [] } };
}

function Small({ label, icon, onClick }: { label: string; icon: React.ReactNode; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="xs" aria-label={label} onClick={onClick}>
      {icon}
    </ActionIcon>
  );
}
