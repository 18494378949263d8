import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Folder } from '@/api/dashboards';
import { deleteFolder } from '@/api/folders';
import { Notice } from '@/components/Notice';
import { describeError, done } from '@/features/dashboards/failed';

/** Deletes an empty folder; one with dashboards says what to do first. */
export function DeleteFolder({ folder, count, onClose }: { folder: Folder; count: number; onClose: () => void }) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => deleteFolder(folder.uid),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['folders'] }), client.invalidateQueries({ queryKey: ['dashboards'] })]);
      done(`Folder “${folder.title}” deleted`);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Delete the folder “${folder.title}”?`} size="sm">
      <Stack gap="sm">
        {count > 0 ? <p style={{ margin: 0 }}>It holds {count} {count === 1 ? 'dashboard' : 'dashboards'}. Choose them and move or delete them first.</p> : <p style={{ margin: 0 }}>It is empty. Its permissions go with it.</p>}
        {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep
          </Button>
          <Button color="red" disabled={count > 0} loading={run.isPending} onClick={() => run.mutate()}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
