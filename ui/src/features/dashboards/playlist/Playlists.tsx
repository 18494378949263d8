import { Button, Modal, NumberInput, Select, Stack, TextInput, Group } from '@mantine/core';
import { IconPlayerPlay, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { listDashboards } from '@/api/dashboards';
import { createPlaylist, deletePlaylist, listPlaylists, type Playlist, type PlaylistDraft, updatePlaylist } from '@/api/playlists';
import { EmptyState } from '@/components/EmptyState';
import { LinkButton } from '@/components/LinkButton';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import { moved, OrderButtons } from '@/features/dashboards/edit/fields';
import { describeError, failed } from '@/features/dashboards/failed';
import { playlistOrder } from '@/features/dashboards/playlist/playlistOrder';
import classes from '../DashboardsPage.module.css';

/** Dashboards that take turns on a wall: make, change, start. */
export function Playlists({ canEdit }: { canEdit: boolean }) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['playlists'], queryFn: ({ signal }) => listPlaylists(signal) });
  const dashboards = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const [edited, setEdited] = useState<Playlist | 'new'>();
  const remove = useMutation({ mutationFn: deletePlaylist, onSettled: () => client.invalidateQueries({ queryKey: ['playlists'] }), onError: failed('The playlist could not be deleted') });
  const add = canEdit && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setEdited('new')}>
      New playlist
    </Button>
  );
  return (
    <>
      <QueryView query={query} errorTitle="The playlists could not be loaded" isEmpty={(data) => data.length === 0} empty={<EmptyState title="No playlists" action={add}>Dashboards that take turns, full screen.</EmptyState>}>
        {(playlists) => (
          <>
            <div className={classes.head}>
              <span />
              {add}
            </div>
            <div className={classes.tableHolder}>
              <table className={`${classes.table} ${classes.cards}`}>
                <thead>
                  <tr>
                    <th>Playlist</th>
                    <th data-number>Dashboards</th>
                    <th data-number>Each shown for</th>
                    <th aria-label="Actions" />
                  </tr>
                </thead>
                <tbody>
                  {playlists.map((one) => {
                    const order = playlistOrder(one.items ?? [], dashboards.data?.dashboards ?? []);
                    return (
                      <tr key={one.id}>
                        <td>
                          <strong>{one.name}</strong>
                        </td>
                        <td data-number data-label="Dashboards">{order.length}</td>
                        <td data-number data-label="Each shown for">{one.interval_s} s</td>
                        <td>
                          <span className={classes.lineEnd}>
                            {order[0] !== undefined && (
                              <LinkButton place={{ to: `/dashboards/${encodeURIComponent(order[0])}`, search: { kiosk: '1', playlist: one.id, item: '0' } }} variant="subtle" size="compact-xs" leftSection={<IconPlayerPlay size={13} />}>
                                Start
                              </LinkButton>
                            )}
                            {canEdit && (
                              <>
                                <Button variant="subtle" size="compact-xs" onClick={() => setEdited(one)}>
                                  Edit
                                </Button>
                                <Button variant="subtle" color="red" size="compact-xs" onClick={() => window.confirm(`Delete the playlist “${one.name}”?`) && remove.mutate(one.id)}>
                                  Delete
                                </Button>
                              </>
                            )}
                          </span>
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          </>
        )}
      </QueryView>
      {edited !== undefined && <PlaylistModal playlist={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

function PlaylistModal({ playlist, onClose }: { playlist: Playlist | undefined; onClose: () => void }) {
  const client = useQueryClient();
  const dashboards = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => listDashboards(signal) });
  const [search, setSearch] = useState('');
  const [draft, setDraft] = useState<PlaylistDraft>(playlist === undefined ? { name: '', interval_s: 30, items: [] } : { name: playlist.name, interval_s: playlist.interval_s, items: playlist.items ?? [] });
  const set = (change: Partial<PlaylistDraft>) => setDraft((now) => ({ ...now, ...change }));
  const run = useMutation({
    mutationFn: () => (playlist === undefined ? createPlaylist(draft) : updatePlaylist(playlist.id, draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['playlists'] });
      onClose();
    },
  });
  const all = dashboards.data?.dashboards ?? [];
  const add = (value: string | null) => {
    if (value === null) return;
    const [kind = '', ...rest] = value.split(':');
    const text = rest.join(':');
    set({ items: [...draft.items, kind === 'tag' ? { tag: text } : { uid: text }] });
  };
  return (
    <Modal opened onClose={onClose} title={playlist === undefined ? 'New playlist' : 'Playlist'} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Stack gap="sm">
          <Group grow align="flex-start">
            <TextInput label="Name" value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} data-autofocus required />
            <NumberInput label="Each shown for" suffix=" s" min={5} max={86_400} value={draft.interval_s} onChange={(value) => set({ interval_s: Number(value) || 30 })} />
          </Group>
          {draft.items.length > 0 && (
            <ol className={classes.candidates} aria-label="Items">
              {draft.items.map((item, index) => {
                const name = 'tag' in item ? `All tagged ${item.tag}` : (all.find((one) => one.uid === item.uid)?.title ?? item.uid);
                return (
                  <li key={index}>
                    <span className={classes.candidate}>
                      <span className="faint num">{index + 1}</span>
                      <span>{name}</span>
                      <OrderButtons what={name} index={index} count={draft.items.length} onMove={(to) => set({ items: moved(draft.items, index, to) })} onRemove={() => set({ items: draft.items.filter((_, at) => at !== index) })} />
                    </span>
                  </li>
                );
              })}
            </ol>
          )}
          <Select
            label="Add"
            placeholder="a dashboard, or all with a tag"
            searchable
            value={null}
            searchValue={search}
            onSearchChange={setSearch}
            data={[
              { group: 'Tags', items: (dashboards.data?.tags ?? []).map((one) => ({ value: `tag:${one.tag}`, label: `${one.tag} (${one.count})` })) },
              { group: 'Dashboards', items: all.map((one) => ({ value: `uid:${one.uid}`, label: one.title })) },
            ]}
            onChange={(value) => {
              add(value);
              // The text of what was chosen comes after this: the next one begins empty.
              setTimeout(() => setSearch(''));
            }}
          />
          {run.isError && <Notice tone="bad" messages={[describeError(run.error)]} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={draft.name.trim() === '' || draft.items.length === 0}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
