import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { getDashboard } from '@/api/dashboards';
import { Age } from '@/components/Age';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { describeChanges } from '@/features/dashboards/edit/changes';
import { MergeChoice } from '@/features/dashboards/edit/MergeChoice';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { DashboardJson } from '@/features/dashboards/model/types';
import classes from './edit.module.css';

const JsonDiff = lazy(async () => ({ default: (await import('@/features/dashboards/history/JsonDiff')).JsonDiff }));

interface ConflictProps {
  draft: Draft;
  uid: string;
  busy: boolean;
  onOverwrite: () => void;
  /** Both changes are in the editor now: they can be saved. */
  onMerged: () => void;
}

/** Somebody saved in between: who, what, and what can be done about it. */
export function Conflict({ draft, uid, busy, onOverwrite, onMerged }: ConflictProps) {
  const client = useQueryClient();
  const [diff, setDiff] = useState(false);
  const [merging, setMerging] = useState(false);
  const query = useQuery({ queryKey: ['dashboard-newest', uid], queryFn: ({ signal }) => getDashboard<DashboardJson>(uid, signal), staleTime: 0, gcTime: 0 });
  const newest = query.data;
  const theirs = newest === undefined ? [] : describeChanges(draft.saved, newest.dashboard);
  return (
    <div className={classes.conflict} role="alert">
      <Notice tone="bad" messages={['Somebody saved this dashboard since you opened it. Nothing of yours is lost yet.']} />
      {newest !== undefined && (
        <div className={classes.changes}>
          <span>
            Version {newest.meta.version} by {newest.meta.updated_by ?? 'somebody'}, <Age at={newest.meta.updated} /> ago:
          </span>
          <ul>{(theirs.length === 0 ? ['The same panels; other details'] : theirs).map((one) => <li key={one}>{one}</li>)}</ul>
        </div>
      )}
      {diff && newest !== undefined && (
        <Suspense fallback={<LoadingState label="Loading the comparison" />}>
          <JsonDiff before={newest.dashboard} after={draft.dashboard} beforeLabel="Theirs" afterLabel="Yours" />
        </Suspense>
      )}
      {merging && newest !== undefined && (
        <MergeChoice
          base={draft.saved}
          mine={draft.dashboard}
          theirs={newest.dashboard}
          onCancel={() => setMerging(false)}
          onMerge={(merged) => {
            draft.rebase(newest.dashboard, newest.meta.version ?? 0, merged);
            onMerged();
          }}
        />
      )}
      {!merging && <Group gap="sm">
        <Button disabled={newest === undefined} onClick={() => setMerging(true)}>
          Merge
        </Button>
        <Button variant="default" disabled={newest === undefined} onClick={() => setDiff(!diff)}>
          {diff ? 'Hide the comparison' : 'Compare'}
        </Button>
        <Button
          variant="default"
          onClick={() => {
            draft.discard();
            void client.invalidateQueries({ queryKey: ['dashboard', uid] });
          }}
        >
          Take theirs
        </Button>
        <Button color="red" loading={busy} onClick={onOverwrite}>
          Save mine over it
        </Button>
      </Group>}
    </div>
  );
}
