import { Button, Checkbox, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { type DashboardMeta, getVersion, listVersions, restoreVersion, type VersionInfo } from '@/api/dashboards';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import { describeChanges } from '@/features/dashboards/edit/changes';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { describeError, done } from '@/features/dashboards/failed';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { ErrorState } from '@/components/ErrorState';
import classes from './history.module.css';

const JsonDiff = lazy(async () => ({ default: (await import('@/features/dashboards/history/JsonDiff')).JsonDiff }));

/** A version's number, or what is on the screen. */
type Side = number | 'now';

/** The saved versions: compare any two, restore one. */
export function Versions({ draft, meta }: { draft: Draft; meta: DashboardMeta }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['versions', meta.uid], queryFn: ({ signal }) => listVersions(meta.uid, signal) });
  const [chosen, setChosen] = useState<number[]>([]);
  const [comparing, setComparing] = useState<[Side, Side]>();
  const [restoring, setRestoring] = useState<VersionInfo>();
  const run = useMutation({
    mutationFn: (version: number) => restoreVersion(meta.uid, version),
    onSuccess: async (_, version) => {
      setRestoring(undefined);
      draft.discard();
      done(`Version ${version} is the newest again`);
      await Promise.all([['dashboard', meta.uid], ['versions', meta.uid], ['dashboards']].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  const choose = (version: number) => setChosen((before) => (before.includes(version) ? before.filter((one) => one !== version) : [...before.slice(-1), version]));
  return (
    <QueryView query={query} errorTitle="The versions could not be loaded" isEmpty={(data) => data.length === 0} empty={<EmptyState title="No versions yet">{meta.provisioned ? 'This dashboard is as its file says. The first save makes version 1.' : 'Each save makes one.'}</EmptyState>}>
      {(versions) => (
        <>
          <div className={classes.versionsHead}>
            <span className="dim">{chosen.length === 2 ? `Version ${Math.min(...chosen)} against ${Math.max(...chosen)}` : 'Choose two to compare.'}</span>
            <Button variant="default" disabled={chosen.length !== 2} onClick={() => setComparing([Math.min(...chosen), Math.max(...chosen)])}>
              Compare
            </Button>
          </div>
          <ul className={classes.versions} aria-label="Versions">
            {versions.map((one, index) => (
              <li key={one.version} className={classes.version}>
                <Checkbox size="xs" aria-label={`Compare version ${one.version}`} checked={chosen.includes(one.version)} onChange={() => choose(one.version)} />
                <strong className="num">{one.version}</strong>
                <span className={classes.message}>{one.message || <span className="faint">no message</span>}</span>
                <span className={classes.by}>
                  {one.by}, <Age at={one.created} /> ago
                </span>
                <span className={classes.versionEnd}>
                  <Button variant="subtle" size="compact-xs" onClick={() => setComparing(index === 0 ? [one.version, 'now'] : [one.version, versions[0]?.version ?? 'now'])}>
                    {index === 0 ? 'Against the screen' : 'Against newest'}
                  </Button>
                  {index > 0 && meta.can_edit !== false && (
                    <Button variant="subtle" size="compact-xs" onClick={() => setRestoring(one)}>
                      Restore
                    </Button>
                  )}
                </span>
              </li>
            ))}
          </ul>
          {comparing !== undefined && <Comparison uid={meta.uid} draft={draft} sides={comparing} onClose={() => setComparing(undefined)} />}
          {restoring !== undefined && (
            <Modal opened onClose={() => setRestoring(undefined)} title={`Restore version ${restoring.version}?`} size="sm">
              <p style={{ marginTop: 0 }}>It becomes the newest version; those after it stay in this list.{draft.dirty ? ' Your unsaved changes are lost.' : ''}</p>
              {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
              <div className={classes.buttons}>
                <Button variant="default" onClick={() => setRestoring(undefined)}>
                  Cancel
                </Button>
                <Button data-autofocus loading={run.isPending} onClick={() => run.mutate(restoring.version)}>
                  Restore
                </Button>
              </div>
            </Modal>
          )}
        </>
      )}
    </QueryView>
  );
}

interface ComparisonProps {
  uid: string;
  draft: Draft;
  sides: [Side, Side];
  onClose: () => void;
}

function Comparison({ uid, draft, sides, onClose }: ComparisonProps) {
  const query = useQuery({
    queryKey: ['comparison', uid, sides, sides.includes('now') ? draft.dashboard : undefined],
    queryFn: ({ signal }) => Promise.all(sides.map((side) => (side === 'now' ? draft.dashboard : getVersion<DashboardJson>(uid, side, signal)))),
    staleTime: 60_000,
  });
  const [before, after] = query.data ?? [];
  const label = (side: Side) => (side === 'now' ? 'What is on the screen' : `Version ${side}`);
  return (
    <Modal opened onClose={onClose} title={`${label(sides[0])} against ${label(sides[1]).toLowerCase()}`} size="min(1200px, 94vw)">
      {query.isError && <ErrorState error={query.error} title="The versions could not be loaded" onRetry={() => void query.refetch()} />}
      {before !== undefined && after !== undefined ? (
        <div className={classes.comparison}>
          <ul className={classes.summary}>
            {describeChanges(before, after).map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
          <Suspense fallback={<LoadingState label="Loading the comparison" />}>
            <JsonDiff before={before} after={after} beforeLabel={label(sides[0])} afterLabel={label(sides[1])} />
          </Suspense>
        </div>
      ) : (
        !query.isError && <LoadingState label="Loading the versions" />
      )}
    </Modal>
  );
}
