import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PanelJson } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';

interface RowModalProps {
  row: PanelJson;
  variables: readonly Variable[];
  onChange: (change: Partial<PanelJson>) => void;
  onClose: () => void;
}

/** A row's title, and the variable that it is repeated for. */
export function RowModal({ row, variables, onChange, onClose }: RowModalProps) {
  const [title, setTitle] = useState(row.title ?? '');
  const [repeat, setRepeat] = useState(row.repeat ?? null);
  return (
    <Modal opened onClose={onClose} title="Row" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ title, repeat });
          onClose();
        }}
      >
        <Stack gap="sm">
          <TextInput label="Title" value={title} onChange={(event) => setTitle(event.currentTarget.value)} data-autofocus />
          <Select label="Repeat for" placeholder="not repeated" clearable data={variables.filter((one) => one.options.length > 0).map((one) => one.name)} value={repeat} onChange={setRepeat} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Apply</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
