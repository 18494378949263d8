import { Button, Group, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { mergeDashboards } from '@/features/dashboards/edit/merge';
import type { DashboardJson } from '@/features/dashboards/model/types';
import classes from './edit.module.css';

interface MergeChoiceProps {
  base: DashboardJson;
  mine: DashboardJson;
  theirs: DashboardJson;
  onMerge: (merged: DashboardJson) => void;
  onCancel: () => void;
}

/** Both changes together; what contradicts is chosen one by one. */
export function MergeChoice({ base, mine, theirs, onMerge, onCancel }: MergeChoiceProps) {
  const [choices, setChoices] = useState<ReadonlyMap<string, 'mine' | 'theirs'>>(new Map());
  const { merged, conflicts } = useMemo(() => mergeDashboards(base, mine, theirs, choices), [base, mine, theirs, choices]);
  return (
    <div className={classes.merge}>
      {conflicts.length === 0 ? <p className={classes.hint}>Your changes and theirs do not touch each other: both are kept.</p> : <p className={classes.hint}>Both changed the same in {conflicts.length === 1 ? 'one place' : `${conflicts.length} places`}. Choose what stays; all else of both is kept.</p>}
      {conflicts.length > 0 && (
        <ul className={classes.mergeList}>
          {conflicts.map(({ key, where, mine: own, theirs: other }) => (
            <li key={key}>
              <span>
                <strong>{where}</strong>
                <code>{short(own)}</code>
                <code>{short(other)}</code>
              </span>
              <SegmentedControl aria-label={`What stays of ${where}`} data={[{ value: 'mine', label: 'Mine' }, { value: 'theirs', label: 'Theirs' }]} value={choices.get(key) ?? 'mine'} onChange={(value) => setChoices(new Map(choices).set(key, value === 'theirs' ? 'theirs' : 'mine'))} />
            </li>
          ))}
        </ul>
      )}
      <Group gap="sm">
        <Button onClick={() => onMerge(merged)}>Take both into the editor</Button>
        <Button variant="default" onClick={onCancel}>
          Back
        </Button>
      </Group>
    </div>
  );
}

function short(value: unknown): string {
  if (value === undefined) return 'removed';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 87)}…` : text;
}
