import { ActionIcon, Tooltip } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { setStar } from '@/api/dashboards';
import { failed } from '@/features/dashboards/failed';

/** Marks a dashboard as one of the reader's own. */
export function StarButton({ uid, starred, className }: { uid: string; starred: boolean; className?: string | undefined }) {
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: (next: boolean) => setStar(uid, next),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['dashboards'] }), client.invalidateQueries({ queryKey: ['dashboard', uid] })]),
    onError: failed('The star could not be changed'),
  });
  const shown = run.isPending ? run.variables : starred;
  const label = shown ? 'Remove the star' : 'Star';
  return (
    <Tooltip label={label}>
      <ActionIcon className={className} variant="subtle" color={shown ? 'yellow' : 'gray'} size="sm" aria-label={label} aria-pressed={shown} onClick={() => run.mutate(!starred)}>
        {shown ? <IconStarFilled size={15} /> : <IconStar size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
