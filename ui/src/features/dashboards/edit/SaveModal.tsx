import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { createDashboard, type DashboardSummary, getDashboard, saveDashboard } from '@/api/dashboards';
import { ApiError } from '@/api/http';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { describeChanges } from '@/features/dashboards/edit/changes';
import { Conflict } from '@/features/dashboards/edit/Conflict';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { describeError, done } from '@/features/dashboards/failed';
import type { DashboardJson } from '@/features/dashboards/model/types';
import classes from './edit.module.css';
import { without } from '@/lib/objects';

const JsonDiff = lazy(async () => ({ default: (await import('@/features/dashboards/history/JsonDiff')).JsonDiff }));

interface SaveModalProps extends DialogContext {
  /** Saves under another uid, whatever has changed. */
  copy: boolean;
  onClose: () => void;
}

/** Saves a draft: as a new version, as a new dashboard, or as a copy. */
export function SaveModal({ draft, meta, copy, copyOnly, onClose }: SaveModalProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const fresh = copy || meta.uid === 'new';
  const [title, setTitle] = useState(copy ? `${draft.dashboard.title} copy` : draft.dashboard.title);
  const [folder, setFolder] = useState(meta.folder.uid);
  const [message, setMessage] = useState('');
  const [diff, setDiff] = useState(false);
  const changes = useMemo(() => describeChanges(draft.saved, draft.dashboard), [draft.saved, draft.dashboard]);
  const run = useMutation({
    mutationFn: async (base: number): Promise<DashboardSummary> => {
      if (!fresh) return saveDashboard(meta.uid, { dashboard: draft.dashboard, message, base_version: base, ...(folder === meta.folder.uid ? {} : { folder_uid: folder }) });
      return createDashboard({ ...without(draft.dashboard, 'uid', 'id'), title: title.trim() }, folder);
    },
    onSuccess: async (saved) => {
      // The guard must see the draft as saved before the page changes.
      flushSync(() => {
        if (!copy) draft.markSaved(saved.version ?? draft.baseVersion + 1);
        else draft.discard();
      });
      onClose();
      done(fresh ? 'Dashboard saved' : `Saved as version ${saved.version ?? ''}`.trim());
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      if (fresh) await navigate({ to: `/dashboards/${encodeURIComponent(saved.uid)}` as never });
      else await Promise.all(['dashboard', 'versions'].map((key) => client.invalidateQueries({ queryKey: [key, meta.uid] })));
    },
  });
  const conflict = run.error instanceof ApiError && run.error.code === 'version_conflict';
  return (
    <Modal opened onClose={onClose} title={copy ? 'Save as a copy' : fresh ? 'Save the new dashboard' : 'Save the dashboard'} size={diff || conflict ? 'min(1200px, 94vw)' : 'md'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate(draft.baseVersion);
        }}
      >
        <Stack gap="sm">
          {fresh && <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus required />}
          <FolderSelect value={folder} onChange={setFolder} known={meta.folder} />
          {!fresh && <Textarea size="xs" label="What changed and why" placeholder="Optional; shown in the list of versions" value={message} onChange={(event) => setMessage(event.currentTarget.value)} autosize minRows={2} maxRows={6} maxLength={500} data-autofocus />}
          {!fresh && (
            <div className={classes.changes}>
              {changes.length === 0 ? <span className="dim">Nothing has changed.</span> : <ul>{changes.map((one) => <li key={one}>{one}</li>)}</ul>}
              <Button variant="subtle" size="compact-xs" onClick={() => setDiff(!diff)} aria-expanded={diff}>
                {diff ? 'Hide the JSON' : 'Show the JSON'}
              </Button>
            </div>
          )}
          {diff && (
            <Suspense fallback={<LoadingState label="Loading the comparison" />}>
              <JsonDiff before={draft.saved} after={draft.dashboard} beforeLabel="Saved" afterLabel="Now" />
            </Suspense>
          )}
          {copyOnly && <p className={classes.hint}>The file of this dashboard allows no changes here (allowUiUpdates in its provisioning). What you changed becomes a dashboard of its own.</p>}
          {!fresh && meta.shape !== undefined && meta.shape !== 'classic' && <ShapeNotice meta={meta} />}
          {meta.provisioned && !fresh && <p className={classes.hint}>This dashboard comes from a file. Saving puts your version in front of it; the file stays as it is until you write it back.</p>}
          {conflict ? (
            <Conflict draft={draft} uid={meta.uid} busy={run.isPending} onMerged={() => run.reset()} onOverwrite={async () => run.mutate((await getDashboard<DashboardJson>(meta.uid)).meta.version ?? 0)} />
          ) : (
            run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            {!conflict && (
              <Button type="submit" loading={run.isPending} disabled={fresh ? title.trim() === '' : !draft.dirty && folder === meta.folder.uid}>
                Save
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Saving replaces another form of Grafana's by the classic model: that must be known before. */
function ShapeNotice({ meta: { shape, version = 0, notes, provisioned } }: { meta: DialogContext['meta'] }) {
  const form = shape === 'v2' ? 'Grafana’s schema v2' : 'a Kubernetes resource';
  const stays = provisioned && version === 0 ? 'the file keeps it' : `version ${version} keeps it, and Settings ▸ Versions restores it`;
  return <Notice messages={[`This dashboard is kept as ${form}. Saving writes the classic model; what it was stays: ${stays}. Share ▸ Export writes schema v2 again.`, ...(shape === 'v2' ? notes : [])]} />;
}
