import { Button, Checkbox, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Folder } from '@/api/dashboards';
import { deleteFolder } from '@/api/folders';
import { Notice } from '@/components/Notice';
import { describeError, done } from '@/features/dashboards/failed';

interface DeleteFolderProps {
  folder: Folder;
  /** Dashboards in the folder and in those inside it. */
  count: number;
  /** Folders inside it, at any depth. */
  inner: number;
  onClose: () => void;
}

/** Deletes a folder; one that holds something only when that is said, too. */
export function DeleteFolder({ folder, count, inner, onClose }: DeleteFolderProps) {
  const client = useQueryClient();
  const [all, setAll] = useState(false);
  const run = useMutation({
    mutationFn: () => deleteFolder(folder.uid, all),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['folders'] }), client.invalidateQueries({ queryKey: ['dashboards'] })]);
      done(`Folder “${folder.title}” deleted`);
      onClose();
    },
  });
  const holds = [...(count > 0 ? [counted(count, 'dashboard')] : []), ...(inner > 0 ? [counted(inner, 'folder')] : [])].join(' and ');
  return (
    <Modal opened onClose={onClose} title={`Delete the folder “${folder.title}”?`} size="sm">
      <Stack gap="sm">
        <p style={{ margin: 0 }}>{holds === '' ? 'It is empty. Its permissions go with it.' : `It holds ${holds}. Move what should stay first; deleting cannot be undone.`}</p>
        {holds !== '' && <Checkbox size="xs" label={`Delete the ${holds} too`} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />}
        {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep
          </Button>
          <Button color="red" disabled={holds !== '' && !all} loading={run.isPending} onClick={() => run.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
