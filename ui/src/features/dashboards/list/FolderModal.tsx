import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Folder } from '@/api/dashboards';
import { createFolder, renameFolder } from '@/api/folders';
import { Notice } from '@/components/Notice';
import { FolderSelect } from '@/features/dashboards/edit/FolderSelect';
import { describeError } from '@/features/dashboards/failed';

interface FolderModalProps {
  /** Of the folder that is changed; a new one is made without. */
  folder?: Folder;
  parent?: string;
  onClose: () => void;
}

/** Makes a folder, or gives one another name or place. */
export function FolderModal({ folder, parent = '', onClose }: FolderModalProps) {
  const client = useQueryClient();
  const [title, setTitle] = useState(folder?.title ?? '');
  const [inside, setInside] = useState(folder?.parent_uid ?? parent);
  const run = useMutation({
    mutationFn: () => (folder === undefined ? createFolder(title.trim(), inside) : renameFolder(folder.uid, title.trim(), inside)),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['folders'] }), client.invalidateQueries({ queryKey: ['dashboards'] })]);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={folder === undefined ? 'New folder' : `Folder ${folder.title}`} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus required maxLength={200} />
          <FolderSelect label="Inside" value={inside} onChange={setInside} {...(folder === undefined ? {} : { without: [folder.uid] })} />
          {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={title.trim() === ''}>
              {folder === undefined ? 'Make' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
