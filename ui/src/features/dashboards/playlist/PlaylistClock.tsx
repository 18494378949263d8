import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack, IconPlayerSkipForward } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { listDashboards } from '@/api/dashboards';
import { listPlaylists } from '@/api/playlists';
import { dashboardSearch } from '@/features/dashboards/dashboardSearch';
import { playlistOrder } from '@/features/dashboards/playlist/playlistOrder';
import { useSearchState } from '@/lib/useSearchState';

const shortestMs = 5_000;

/** Goes from one dashboard of a playlist to the next; nothing when none is played. */
export function PlaylistClock() {
  const [{ playlist, item }] = useSearchState(dashboardSearch);
  return playlist === '' ? null : <Clock id={playlist} item={Number(item) || 0} />;
}

function Clock({ id, item }: { id: string; item: number }) {
  const navigate = useNavigate();
  const [paused, setPaused] = useState(false);
  const playlists = useQuery({ queryKey: ['playlists'], queryFn: ({ signal }) => listPlaylists(signal), staleTime: 60_000 });
  const dashboards = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal), staleTime: 60_000 });
  const playlist = playlists.data?.find((one) => one.id === id);
  const order = useMemo(() => playlistOrder(playlist?.items ?? [], dashboards.data?.dashboards ?? []), [playlist, dashboards.data]);
  const show = useCallback(
    (next: number) => {
      const at = ((next % order.length) + order.length) % order.length;
      const uid = order[at];
      if (uid !== undefined) void navigate({ to: `/dashboards/${encodeURIComponent(uid)}` as never, search: { kiosk: '1', playlist: id, item: String(at) } as never, replace: true });
    },
    [navigate, order, id],
  );
  const every = Math.max(shortestMs, (playlist?.interval_s ?? 30) * 1000);
  useEffect(() => {
    if (paused || order.length < 2) return undefined;
    const timer = setTimeout(() => show(item + 1), every);
    return () => clearTimeout(timer);
  }, [paused, order.length, every, item, show]);
  if (playlist === undefined || order.length === 0) return null;
  const button = (label: string, icon: React.ReactNode, onClick: () => void) => (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <>
      <span className="dim num">
        {playlist.name}, {(item % order.length) + 1} of {order.length}
      </span>
      {button('The one before', <IconPlayerSkipBack size={16} />, () => show(item - 1))}
      {button(paused ? 'Go on' : 'Pause', paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />, () => setPaused(!paused))}
      {button('The next', <IconPlayerSkipForward size={16} />, () => show(item + 1))}
    </>
  );
}
