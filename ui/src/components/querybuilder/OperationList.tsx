import { ActionIcon, Autocomplete, Button, Menu, Select, TagsInput } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { OtherQuery } from '@/components/querybuilder/OtherQuery';
import { comparisons, isArithmetic, type Operation, type OperationDef, type QueryVisual } from '@/lib/promqlBuilder';
import classes from './builder.module.css';

interface OperationListProps {
  operations: readonly Operation[];
  definitions: readonly OperationDef[];
  labels: readonly string[];
  onChange: (operations: Operation[]) => void;
  /** The builder of the query on the right of arithmetic. */
  renderOther: (other: QueryVisual, onChange: (next: QueryVisual) => void) => ReactNode;
  /** A query of nothing yet. */
  emptyOther: QueryVisual;
}

const groups = ['Rate and range', 'Aggregate', 'Function', 'Arithmetic', 'With another query'] as const;
const ranges = ['$__rate_interval', '$__interval', '$__range', '$__auto', '1m', '5m', '10m', '1h', '1d'];

/** What is done to the values, from the inside out. */
export function OperationList({ operations, definitions, labels, onChange, renderOther, emptyOther }: OperationListProps) {
  const known = new Map(definitions.filter((one) => one.group !== 'With another query').map((one) => [one.id, one]));
  const add = (def: OperationDef) => {
    const made: Operation = { id: def.id, params: def.params.map((one) => one.start), ...(def.group === 'With another query' ? { other: emptyOther } : {}) };
    // Over what is calculated already a range asks anew, step by step: a subquery.
    if (def.range === true && operations.some((one) => known.get(one.id)?.range === true)) {
      onChange([...operations, { ...made, params: [...made.params.slice(0, -1), '1h:'] }]);
      return;
    }
    // A range needs the bare samples: it comes first.
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
          const remove = () => onChange(operations.filter((_, at) => at !== index));
          const { other } = operation;
          if (other !== undefined) {
            return (
              <OtherQuery key={index} operation={operation} labels={labels} onChange={(next) => onChange(operations.map((one, at) => (at === index ? next : one)))} onRemove={remove}>
                {renderOther(other, (next) => set({ other: next }))}
              </OtherQuery>
            );
          }
          // A range over samples comes first; one over what is calculated stays behind that.
          const fixed = def?.range === true;
          const before = known.get(operations[index - 1]?.id ?? '');
          return (
            <li key={index} className={classes.op}>
              <div className={classes.opHead}>
                {operation.id}
                <span style={{ display: 'inline-flex' }}>
                  {!fixed && index > 0 && before?.range !== true && <Small label={`Move ${operation.id} inwards`} icon={<IconArrowLeft size={12} />} onClick={() => swap(index, index - 1)} />}
                  {!fixed && index < operations.length - 1 && <Small label={`Move ${operation.id} outwards`} icon={<IconArrowRight size={12} />} onClick={() => swap(index, index + 1)} />}
                  <Small label={`Remove ${operation.id}`} icon={<IconX size={13} />} onClick={remove} />
                </span>
              </div>
              {(operation.params.length > 0 || def?.aggregate === true || operation.grouping !== undefined) && (
                <div className={classes.opBody}>
                  {operation.params.map((param, at) => (
                    <Autocomplete key={at} size="xs" aria-label={`${operation.id}: ${def?.params[at]?.name ?? 'parameter'}`} placeholder={def?.params[at]?.name ?? ''} data={def?.params[at]?.name === 'range' ? ranges : []} value={param} onChange={(next) => set({ params: operation.params.map((one, i) => (i === at ? next : one)) })} />
                  ))}
                  {isArithmetic(operation.id) && <Select aria-label={`${operation.id}: side of the number`} data={[{ value: 'right', label: `query ${operation.id} number` }, { value: 'left', label: `number ${operation.id} query` }]} value={operation.first === true ? 'left' : 'right'} allowDeselect={false} onChange={(side) => set({ first: side === 'left' })} />}
                  {comparisons.has(operation.id) && <Select aria-label={`${operation.id}: what it gives`} data={[{ value: 'filter', label: 'series that fit' }, { value: 'bool', label: '0 or 1' }]} value={operation.bool === true ? 'bool' : 'filter'} allowDeselect={false} onChange={(gives) => set({ bool: gives === 'bool' })} />}
                  {(def?.aggregate === true || operation.grouping !== undefined) && (
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
