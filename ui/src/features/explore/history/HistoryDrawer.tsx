import { ActionIcon, Button, Drawer, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { IconSearch, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/http';
import { deleteSearch, type SavedSearch, savedSearches } from '@/api/explore';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { QueryView } from '@/components/QueryView';
import type { RawSearch } from '@/lib/search';
import { useGo } from '@/lib/useGo';
import { formatAgo, formatDateTime } from '@/lib/timeRange';
import classes from './HistoryDrawer.module.css';
import { SaveSearch } from './SaveSearch';
import { useHistory } from './useHistory';

interface HistoryDrawerProps {
  opened: boolean;
  onClose: () => void;
  /** The pane's present state, to be saved. */
  current: RawSearch;
}

type Shown = 'history' | 'starred' | 'saved';

/** The queries that were run, and the searches that the server keeps. */
export function HistoryDrawer({ opened, onClose, current }: HistoryDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(560px, 94vw)" title="History and saved searches">
      {opened && <Content onClose={onClose} current={current} />}
    </Drawer>
  );
}

function Content({ onClose, current }: Omit<HistoryDrawerProps, 'opened'>) {
  const [shown, setShown] = useState<Shown>('history');
  const [text, setText] = useState('');
  const go = useGo();
  const run = (search: RawSearch) => {
    onClose();
    go({ to: '/explore', search });
  };
  return (
    <div className={classes.content}>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label="Which"
          data={[
            { value: 'history', label: 'History' },
            { value: 'starred', label: 'Starred' },
            { value: 'saved', label: 'Saved' },
          ]}
          value={shown}
          onChange={(value) => setShown(value as Shown)}
        />
        <TextInput style={{ flex: 1 }} aria-label="Search queries" placeholder="Search" leftSection={<IconSearch size={13} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </div>
      {shown === 'saved' ? (
        <>
          <SaveSearch current={current} />
          <Saved text={text} onRun={run} />
        </>
      ) : (
        <History text={text} starred={shown === 'starred'} onRun={run} />
      )}
    </div>
  );
}

function History({ text, starred, onRun }: { text: string; starred: boolean; onRun: (search: RawSearch) => void }) {
  const { entries, error, retry, onServer, star, forget, clear } = useHistory();
  const now = Date.now();
  if (error !== null && entries === undefined) return <ErrorState error={error} title="The history could not be loaded" onRetry={retry} />;
  if (entries === undefined) return <LoadingState label="Loading the history" lines={6} />;
  const found = entries.filter((one) => (!starred || one.starred) && one.text.toLowerCase().includes(text.trim().toLowerCase()));
  if (found.length === 0) {
    if (entries.length > 0 && text.trim() !== '') return <EmptyState title="No query matches">Nothing in the history holds “{text.trim()}”.</EmptyState>;
    return starred ? <EmptyState title="Nothing starred">Star a query in the history to keep it at hand.</EmptyState> : <EmptyState title="No queries yet">{onServer ? 'What you run in Explore is listed here, for you alone.' : 'What you run in Explore is listed here, in this browser only.'}</EmptyState>;
  }
  return (
    <>
      <ul className={classes.list}>
        {found.map((entry) => (
          <li key={`${entry.kind}/${entry.text}`}>
            <button type="button" className={classes.entry} onClick={() => onRun({ tab: entry.kind, ...entry.search })}>
              <code>{entry.text}</code>
              <span className="faint" title={formatDateTime(entry.at)}>
                {entry.kind} · {formatAgo(entry.at, now)}
                {entry.runs > 1 && ` · ${entry.runs} times`}
              </span>
            </button>
            <ActionIcon variant="subtle" color={entry.starred ? 'yellow' : 'gray'} aria-label={entry.starred ? 'Remove the star' : 'Star'} aria-pressed={entry.starred} onClick={() => star(entry, !entry.starred)}>
              {entry.starred ? <IconStarFilled size={14} /> : <IconStar size={14} />}
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label="Forget" onClick={() => forget(entry)}>
              <IconTrash size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {!starred && text.trim() === '' && <ClearHistory onServer={onServer} stars={entries.filter((one) => one.starred).length} onClear={clear} />}
    </>
  );
}

/** Forgets the history on a second click. */
function ClearHistory({ onServer, stars, onClear }: { onServer: boolean; stars: number; onClear: (keepStarred: boolean) => void }) {
  const [asked, setAsked] = useState(false);
  const answer = (keepStarred: boolean) => {
    setAsked(false);
    onClear(keepStarred);
  };
  return (
    <div className={classes.tools} style={{ justifyContent: 'space-between' }}>
      <span className="faint">{onServer ? 'Kept on the server, for you alone.' : 'Kept in this browser only.'}</span>
      {asked ? (
        <span>
          {stars > 0 && (
            <Button variant="subtle" size="compact-xs" onClick={() => answer(true)}>
              Keep the starred
            </Button>
          )}
          <Button variant="subtle" color="red" size="compact-xs" data-autofocus onClick={() => answer(false)}>
            Forget {stars > 0 ? 'those too' : 'all'}
          </Button>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAsked(false)}>
            Cancel
          </Button>
        </span>
      ) : (
        <Button variant="subtle" size="compact-xs" onClick={() => setAsked(true)}>
          Clear the history
        </Button>
      )}
    </div>
  );
}

/** A saved search's parameters, as far as they are ones. */
function searchOfSaved({ kind, query }: SavedSearch): RawSearch {
  const params = Object.entries(query).flatMap(([name, value]): [string, string | string[]][] => {
    if (typeof value === 'string') return [[name, value]];
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? [[name, value]] : [];
  });
  return { ...Object.fromEntries(params), tab: kind };
}

function Saved({ text, onRun }: { text: string; onRun: (search: RawSearch) => void }) {
  const client = useQueryClient();
  const saved = useQuery({ queryKey: ['saved-searches'], queryFn: ({ signal }) => savedSearches(signal), retry: false });
  const remove = useMutation({ mutationFn: deleteSearch, onSuccess: () => client.invalidateQueries({ queryKey: ['saved-searches'] }) });
  if (saved.error instanceof ApiError && saved.error.status === 404) return <EmptyState title="This server keeps no searches">Starred queries stay in this browser.</EmptyState>;
  const wanted = text.trim().toLowerCase();
  return (
    <QueryView query={saved} errorTitle="The saved searches could not be listed" isEmpty={(list) => list.length === 0} empty={<EmptyState title="Nothing saved">Save the present search above: it keeps query, columns and view.</EmptyState>}>
      {(list) => (
        <ul className={classes.list}>
          {list
            .filter((one) => one.name.toLowerCase().includes(wanted))
            .map((one) => (
              <li key={one.id}>
                <button type="button" className={classes.entry} onClick={() => onRun(searchOfSaved(one))}>
                  <b>{one.name}</b>
                  <span className="faint">
                    {one.kind}
                    {one.shared && ' · shared'}
                  </span>
                </button>
                <Tooltip label="Delete">
                  <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${one.name}`} loading={remove.isPending && remove.variables === one.id} onClick={() => remove.mutate(one.id)}>
                    <IconTrash size={14} />
                  </ActionIcon>
                </Tooltip>
              </li>
            ))}
          {remove.isError && <p role="alert">{remove.error.message}</p>}
          {list.length > 0 && !list.some((one) => one.name.toLowerCase().includes(wanted)) && <Button disabled variant="subtle">No saved search matches</Button>}
        </ul>
      )}
    </QueryView>
  );
}
