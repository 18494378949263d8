import { Button, Group, Modal } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';

/** Asks before unsaved changes are lost: by another page, or by closing the tab. */
export function LeaveGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({
    // Views of the same dashboard are other searches of one path: they keep the draft.
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Modal opened onClose={blocker.reset} title="Unsaved changes" size="sm">
      <p style={{ marginTop: 0 }}>The dashboard has changes that are not saved. Leaving loses them.</p>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" color="red" onClick={blocker.proceed}>
          Leave without saving
        </Button>
        <Button data-autofocus onClick={blocker.reset}>
          Stay
        </Button>
      </Group>
    </Modal>
  );
}
