import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Folder } from '@/api/dashboards';
import { folderPermissions, type PermissionEntry, type PermissionLevel, setFolderPermissions } from '@/api/folders';
import type { Role } from '@/api/session';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import { IconButton, replaced } from '@/features/dashboards/edit/fields';
import { describeError, done } from '@/features/dashboards/failed';
import classes from '../DashboardsPage.module.css';

const levels: { value: PermissionLevel; label: string }[] = [
  { value: 'none', label: 'May not see it' },
  { value: 'view', label: 'May view' },
  { value: 'edit', label: 'May edit' },
];

/** Who may see and change the dashboards of a folder. */
export function PermissionsModal({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const query = useQuery({ queryKey: ['permissions', folder.uid], queryFn: ({ signal }) => folderPermissions(folder.uid, signal) });
  return (
    <Modal opened onClose={onClose} title={`Permissions of ${folder.title}`} size="md">
      <QueryView query={query} errorTitle="The permissions could not be loaded" isEmpty={() => false} empty={null}>
        {(entries) => <Form folder={folder} initial={entries} onClose={onClose} />}
      </QueryView>
    </Modal>
  );
}

function Form({ folder, initial, onClose }: { folder: Folder; initial: PermissionEntry[]; onClose: () => void }) {
  const client = useQueryClient();
  const [entries, setEntries] = useState(initial);
  const run = useMutation({
    mutationFn: () => setFolderPermissions(folder.uid, entries.filter((one) => one.role !== undefined || (one.user ?? '').trim() !== '')),
    onSuccess: async () => {
      await Promise.all([['permissions', folder.uid], ['dashboards']].map((queryKey) => client.invalidateQueries({ queryKey })));
      done('Permissions saved');
      onClose();
    },
  });
  const change = (index: number, part: Partial<PermissionEntry>) => setEntries(replaced(entries, index, { ...entries[index], ...part } as PermissionEntry));
  return (
    <Stack gap="sm">
      <p className={classes.note}>Without an entry, viewers view and editors edit. An entry for a user wins over one for a role; administrators always may.</p>
      {entries.map((entry, index) => (
        <div key={index} className={classes.permission}>
          {entry.user === undefined ? (
            <Select aria-label="Role" data={[{ value: 'viewer', label: 'Viewers' }, { value: 'editor', label: 'Editors' }]} value={entry.role ?? 'viewer'} allowDeselect={false} onChange={(role) => change(index, { role: (role ?? 'viewer') as Role })} />
          ) : (
            <TextInput aria-label="User" placeholder="user name" value={entry.user} onChange={(event) => change(index, { user: event.currentTarget.value })} />
          )}
          <Select aria-label={`What ${entry.user ?? entry.role ?? ''} may do`} data={levels} value={entry.level} allowDeselect={false} onChange={(level) => change(index, { level: (level ?? 'view') as PermissionLevel })} />
          <IconButton label="Remove the entry" icon={<IconTrash size={14} />} onClick={() => setEntries(entries.filter((_, at) => at !== index))} />
        </div>
      ))}
      <Group gap="xs">
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setEntries([...entries, { role: 'viewer', level: 'none' }])}>
          A role
        </Button>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setEntries([...entries, { user: '', level: 'edit' }])}>
          A user
        </Button>
      </Group>
      {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={run.isPending} onClick={() => run.mutate()}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
