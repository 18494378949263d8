import { Autocomplete, Button, Checkbox, FileInput, Group, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { importDashboard } from '@/api/dashboards';
import { ApiError } from '@/api/http';
import { Notice } from '@/components/Notice';

/** Imports a dashboard from Grafana's JSON: a file, or pasted text. */
export function ImportModal({ folders, onClose }: { folders: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [folder, setFolder] = useState('');
  const [overwrite, setOverwrite] = useState(false);
  const run = useMutation({
    mutationFn: async () => importDashboard(parse(text), folder, overwrite),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      client.removeQueries({ queryKey: ['dashboard', made.uid] });
      onClose();
      await navigate({ to: `/dashboards/${encodeURIComponent(made.uid)}` as never });
    },
  });
  const hint = run.error instanceof ApiError ? run.error.hint : undefined;
  return (
    <Modal opened onClose={onClose} title="Import a Grafana dashboard" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Stack gap="sm">
          <FileInput size="xs" label="JSON file" placeholder="Choose a file" accept="application/json,.json" clearable onChange={(file) => void file?.text().then(setText)} />
          <Textarea size="xs" label="or paste the JSON" autosize minRows={6} maxRows={14} value={text} onChange={(event) => setText(event.currentTarget.value)} styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} spellCheck={false} />
          <Group align="end">
            <Autocomplete size="xs" label="Folder" placeholder="General" data={folders} value={folder} onChange={setFolder} />
            <Checkbox size="xs" label="Replace a dashboard with the same uid" checked={overwrite} onChange={(event) => setOverwrite(event.currentTarget.checked)} mb={6} />
          </Group>
          {run.isError && <Notice tone="bad" messages={[run.error.message + (hint === undefined ? '' : `. ${hint}`)]} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={text.trim() === ''}>
              Import
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`This is not JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
