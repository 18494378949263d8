import { ActionIcon, Select, Switch, TagsInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { comparisons, type Matching, type Operation } from '@/lib/promqlBuilder';
import { without } from '@/lib/objects';
import classes from './builder.module.css';

interface OtherQueryProps {
  operation: Operation;
  labels: readonly string[];
  onChange: (operation: Operation) => void;
  onRemove: () => void;
  /** The builder of the query on the right. */
  children: ReactNode;
}

const grouped = (side: string | null): Matching['group'] => (side === 'left' || side === 'right' ? { side, labels: [] } : undefined);

/** Arithmetic with another query: how series of both sides find each other, and the other side. */
export function OtherQuery({ operation, labels, onChange, onRemove, children }: OtherQueryProps) {
  const { id, matching, bool } = operation;
  const set = ({ matching: next, ...rest }: Omit<Operation, 'id' | 'params'>) => {
    const { matching: before, ...bare } = operation;
    const kept = next ?? before;
    onChange({ ...bare, ...rest, ...(kept === undefined ? {} : { matching: kept }) });
  };
  const match = (kind: string | null) => {
    const bare = without(operation, 'matching');
    onChange(kind === 'on' || kind === 'ignoring' ? { ...bare, matching: { ...matching, kind, labels: matching?.labels ?? [] } } : bare);
  };
  const setGroup = (side: string | null) => {
    if (matching === undefined) return;
    const bare = without(matching, 'group');
    const group = grouped(side);
    set({ matching: group === undefined ? bare : { ...bare, group: { ...group, labels: matching.group?.labels ?? [] } } });
  };
  return (
    <li className={classes.other} aria-label={`${id} another query`}>
      <div className={classes.otherHead}>
        <strong>{id}</strong>
        <Select w={150} aria-label={`${id}: which series belong together`} data={[{ value: 'all', label: 'equal in all labels' }, { value: 'on', label: 'equal in' }, { value: 'ignoring', label: 'equal but for' }]} value={matching?.kind ?? 'all'} allowDeselect={false} onChange={match} />
        {matching !== undefined && (
          <>
            <TagsInput size="xs" className={classes.grow} aria-label={`${id}: labels of both`} placeholder={matching.labels.length === 0 ? 'labels' : undefined} data={[...labels]} value={matching.labels} onChange={(next) => set({ matching: { ...matching, labels: next } })} />
            <Select w={170} aria-label={`${id}: how many belong to one`} data={[{ value: 'one', label: 'one to one' }, { value: 'left', label: 'many on the left' }, { value: 'right', label: 'many on the right' }]} value={matching.group?.side ?? 'one'} allowDeselect={false} onChange={setGroup} />
            {matching.group !== undefined && <TagsInput size="xs" className={classes.grow} aria-label={`${id}: labels that come along`} placeholder={matching.group.labels.length === 0 ? 'with labels of the other' : undefined} data={[...labels]} value={matching.group.labels} onChange={(next) => set({ matching: { ...matching, group: { side: matching.group?.side ?? 'left', labels: next } } })} />}
          </>
        )}
        {comparisons.has(id) && <Switch size="xs" label="0 or 1" checked={bool === true} onChange={(event) => set({ bool: event.currentTarget.checked })} />}
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Remove ${id} and its query`} onClick={onRemove} style={{ marginLeft: 'auto' }}>
          <IconX size={13} />
        </ActionIcon>
      </div>
      {children}
    </li>
  );
}
