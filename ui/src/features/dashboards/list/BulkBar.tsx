import { Button, Group, Modal, Stack } from '@mantine/core';
import { IconDownload, IconFolderSymlink, IconTrash, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type DashboardSummary, deleteDashboard, getDashboard, moveDashboard, saveDashboard } from '@/api/dashboards';
import { fetchJson } from '@/api/http';
import { dashboardSourcePath } from '@/api/dashboards';
import { Notice } from '@/components/Notice';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { IconButton } from '@/features/dashboards/edit/fields';
import { describeError, done, failed } from '@/features/dashboards/failed';
import classes from '../DashboardsPage.module.css';

/** What can be done with several dashboards at once. */
export function BulkBar({ selected, onClear }: { selected: readonly DashboardSummary[]; onClear: () => void }) {
  const [open, setOpen] = useState<'move' | 'delete'>();
  const download = useMutation({ mutationFn: () => exportAll(selected), onError: failed('The export failed') });
  const deletable = selected.filter((one) => !one.provisioned || (one.version ?? 0) > 0);
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Chosen dashboards">
      <strong className="num">{selected.length} chosen</strong>
      <Button variant="default" leftSection={<IconFolderSymlink size={14} />} onClick={() => setOpen('move')}>
        Move
      </Button>
      <Button variant="default" leftSection={<IconDownload size={14} />} loading={download.isPending} onClick={() => download.mutate()}>
        Export
      </Button>
      <Button variant="default" color="red" leftSection={<IconTrash size={14} />} disabled={deletable.length === 0} onClick={() => setOpen('delete')}>
        Delete
      </Button>
      <IconButton label="Choose none" icon={<IconX size={14} />} onClick={onClear} />
      {open === 'move' && <Move selected={selected} onClose={() => setOpen(undefined)} onDone={onClear} />}
      {open === 'delete' && <Delete selected={deletable} left={selected.length - deletable.length} onClose={() => setOpen(undefined)} onDone={onClear} />}
    </div>
  );
}

interface ActProps {
  selected: readonly DashboardSummary[];
  onClose: () => void;
  onDone: () => void;
}

/** Does something to each, and tells which ones failed. */
async function each(selected: readonly DashboardSummary[], act: (one: DashboardSummary) => Promise<unknown>): Promise<void> {
  const failures: string[] = [];
  for (const one of selected) {
    try {
      await act(one);
    } catch (error) {
      failures.push(`${one.title}: ${describeError(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

function Move({ selected, onClose, onDone }: ActProps) {
  const client = useQueryClient();
  const [folder, setFolder] = useState('');
  const run = useMutation({
    mutationFn: () =>
      each(selected, async ({ uid, provisioned, version }) => {
        if (!provisioned || (version ?? 0) > 0) return moveDashboard(uid, folder);
        const { dashboard, meta } = await getDashboard<unknown>(uid);
        return saveDashboard(uid, { dashboard, folder_uid: folder, message: 'Moved to another folder', base_version: meta.version ?? 0 });
      }),
    onSuccess: () => {
      done(`${selected.length} ${selected.length === 1 ? 'dashboard' : 'dashboards'} moved`);
      onClose();
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
  });
  const files = selected.filter((one) => one.provisioned && (one.version ?? 0) === 0).length;
  return (
    <Modal opened onClose={onClose} title={`Move ${selected.length} ${selected.length === 1 ? 'dashboard' : 'dashboards'}`} size="sm">
      <Stack gap="sm">
        <FolderSelect label="To" value={folder} onChange={setFolder} />
        {files > 0 && <p className={classes.note}>{files === selected.length ? (files === 1 ? 'It comes from a file' : 'They come from files') : `${files} of them ${files === 1 ? 'comes from a file' : 'come from files'}`}: moving saves a version in front of the file, where its provider allows it.</p>}
        {run.isError && <Notice tone="bad" messages={run.error.message.split('\n')} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            Move
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Delete({ selected, left, onClose, onDone }: ActProps & { left: number }) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => each(selected, ({ uid }) => deleteDashboard(uid)),
    onSuccess: () => {
      done(`${selected.length} ${selected.length === 1 ? 'dashboard' : 'dashboards'} deleted`);
      onClose();
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
  });
  return (
    <Modal opened onClose={onClose} title={`Delete ${selected.length} ${selected.length === 1 ? 'dashboard' : 'dashboards'}?`} size="sm">
      <Stack gap="sm">
        <ul className={classes.names}>
          {selected.map((one) => (
            <li key={one.uid}>{one.title}</li>
          ))}
        </ul>
        {left > 0 && <p className={classes.note}>{left} of those you chose {left === 1 ? 'is a file and stays' : 'are files and stay'}.</p>}
        {run.isError && <Notice tone="bad" messages={run.error.message.split('\n')} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep
          </Button>
          <Button color="red" loading={run.isPending} onClick={() => run.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** One file with all of them, which the import takes back. */
async function exportAll(selected: readonly DashboardSummary[]): Promise<void> {
  const dashboards = await Promise.all(selected.map((one) => fetchJson<unknown>(dashboardSourcePath(one.uid))));
  const single = dashboards.length === 1;
  const address = URL.createObjectURL(new Blob([JSON.stringify(single ? dashboards[0] : { dashboards }, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = single ? `${selected[0]?.uid ?? 'dashboard'}.json` : 'dashboards.json';
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
