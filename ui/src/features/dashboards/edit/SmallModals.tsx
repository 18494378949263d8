import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { flushSync } from 'react-dom';
import { deleteDashboard } from '@/api/dashboards';
import { createLibraryPanel } from '@/api/libraryPanels';
import { Notice } from '@/components/Notice';
import { describeChanges } from '@/features/dashboards/edit/changes';
import type { DialogContext, DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import { findPanel, updatePanel } from '@/features/dashboards/edit/draft';
import { dashboardShortcuts } from '@/features/dashboards/edit/useShortcuts';
import { describeError, done } from '@/features/dashboards/failed';
import classes from './edit.module.css';
import { without } from '@/lib/objects';

interface SmallModalsProps extends DialogContext {
  open: DialogName;
  onClose: () => void;
}

/** The dialogs that only ask: discard, delete, into the library; and the list of shortcuts. */
export function SmallModals({ open, ...rest }: SmallModalsProps) {
  switch (open.kind) {
    case 'discard':
      return <Discard {...rest} />;
    case 'delete':
      return <Delete {...rest} />;
    case 'library':
      return <ToLibrary {...rest} id={open.id} />;
    default:
      return <Shortcuts onClose={rest.onClose} />;
  }
}

type Props = Omit<SmallModalsProps, 'open'>;

function Discard({ draft, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title="Discard the changes?" size="md">
      <Stack gap="sm">
        <ul className={classes.list}>{describeChanges(draft.saved, draft.dashboard).map((one) => <li key={one}>{one}</li>)}</ul>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep editing
          </Button>
          <Button
            color="red"
            onClick={() => {
              draft.discard();
              onClose();
            }}
          >
            Discard
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Delete({ draft, meta, onClose }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const override = meta.origin === 'override';
  const run = useMutation({
    mutationFn: () => deleteDashboard(meta.uid),
    onSuccess: async () => {
      flushSync(() => draft.discard());
      onClose();
      if (override) {
        await Promise.all([client.invalidateQueries({ queryKey: ['dashboard', meta.uid] }), client.invalidateQueries({ queryKey: ['dashboards'] })]);
        done('The dashboard is the file’s again');
        return;
      }
      await navigate({ to: '/dashboards' as never });
      client.removeQueries({ queryKey: ['dashboard', meta.uid] });
      await client.invalidateQueries({ queryKey: ['dashboards'] });
      done(`“${draft.saved.title}” deleted`);
    },
  });
  return (
    <Modal opened onClose={onClose} title={override ? 'Drop the saved changes?' : `Delete “${draft.saved.title}”?`} size="sm">
      <Stack gap="sm">
        <p className={classes.text}>{override ? 'The dashboard becomes what its file says. Versions saved here are lost.' : 'Its versions, public links and reports go with it. This cannot be undone.'}</p>
        {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep
          </Button>
          <Button color="red" loading={run.isPending} onClick={() => run.mutate()}>
            {override ? 'Drop the changes' : 'Delete'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function ToLibrary({ draft, id, onClose }: Props & { id: number }) {
  const client = useQueryClient();
  const panel = findPanel(draft.dashboard, id);
  const [name, setName] = useState(panel?.title ?? '');
  const run = useMutation({
    mutationFn: () => {
      return createLibraryPanel(name.trim(), panel?.type ?? '', without(panel ?? {}, 'id', 'gridPos'));
    },
    onSuccess: async (made) => {
      draft.change((now) => updatePanel(now, id, (one) => ({ ...one, libraryPanel: { uid: made.uid, name: made.name } })));
      await client.invalidateQueries({ queryKey: ['library-panels'] });
      onClose();
      done(`“${made.name}” is in the library. Save the dashboard to keep the link.`);
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add to the library" size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Stack gap="sm">
          <p className={classes.text}>Dashboards that use a library panel all show its newest state.</p>
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus required />
          {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={name.trim() === ''}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keyboard shortcuts of dashboards" size="md">
      <table className={classes.shortcuts}>
        <tbody>
          {dashboardShortcuts.map(([what, keys]) => (
            <tr key={what}>
              <td>{what}</td>
              <td>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
