import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { addQueries, forgetQueries, forgetQuery, queryHistory, starQuery } from '@/api/queryHistory';
import { useSession } from '@/components/useSession';
import { changeHistory, type HistoryEntry, readHistory, useQueryHistory, withRun } from '@/lib/queryHistory';

const key = ['query-history'];

/** Whether the server keeps the history: not where it does not know who is asking. */
function useOnServer(): boolean | undefined {
  const { data } = useSession();
  return data === undefined || data === null ? undefined : data.authMode !== 'off';
}

/** Notes a query that is shown as one that was run. */
export function useHistoryEntry(kind: HistoryEntry['kind'], text: string, search: HistoryEntry['search']): void {
  const client = useQueryClient();
  const onServer = useOnServer();
  const packed = JSON.stringify(search);
  useEffect(() => {
    if (text.trim() === '' || onServer === undefined) return;
    const run = { kind, text, search: JSON.parse(packed) as HistoryEntry['search'] };
    if (!onServer) {
      changeHistory((entries) => withRun(entries, run, Date.now()));
      return;
    }
    // A history that cannot be kept is no reason to disturb the query.
    void addQueries(withRun([], run, Date.now()))
      .then(() => client.invalidateQueries({ queryKey: key }))
      .catch(() => undefined);
  }, [kind, text, packed, onServer, client]);
}

export interface QueryHistory {
  /** undefined while the server has not answered. */
  entries: HistoryEntry[] | undefined;
  error: Error | null;
  retry: () => void;
  onServer: boolean;
  star: (entry: HistoryEntry, starred: boolean) => void;
  forget: (entry: HistoryEntry) => void;
  /** Forgets all without a star, or really all. */
  clear: (keepStarred: boolean) => void;
}

/** The queries that were run: on the server for who is signed in, else in this browser. */
export function useHistory(): QueryHistory {
  const client = useQueryClient();
  const onServer = useOnServer() === true;
  const local = useQueryHistory();
  const query = useQuery({ queryKey: key, queryFn: async ({ signal }) => (await moveToServer(), queryHistory(signal)), enabled: onServer, retry: false });
  const change = useMutation({
    mutationFn: ({ send }: { send: () => Promise<void>; shown: (entries: HistoryEntry[]) => HistoryEntry[] }) => send(),
    onMutate: ({ shown }) => client.setQueryData<HistoryEntry[]>(key, (entries) => (entries === undefined ? entries : shown(entries))),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  const apply = (shown: (entries: HistoryEntry[]) => HistoryEntry[], send: () => Promise<void>) => {
    if (onServer) change.mutate({ send, shown });
    else changeHistory((entries) => shown([...entries]));
  };
  const isSame = (one: HistoryEntry, entry: HistoryEntry) => one.kind === entry.kind && one.text === entry.text;
  return {
    entries: onServer ? query.data : local,
    error: onServer ? query.error : null,
    retry: () => void query.refetch(),
    onServer,
    star: (entry, starred) => apply((all) => all.map((one) => (isSame(one, entry) ? { ...one, starred } : one)), () => starQuery(entry, starred)),
    forget: (entry) => apply((all) => all.filter((one) => !isSame(one, entry)), () => forgetQuery(entry)),
    clear: (keepStarred) => apply((all) => all.filter((one) => keepStarred && one.starred), () => forgetQueries(keepStarred)),
  };
}

/** What this browser kept before goes to whoever is signed in now, once. */
async function moveToServer(): Promise<void> {
  const kept = readHistory();
  if (kept.length === 0) return;
  await addQueries(kept);
  changeHistory((entries) => entries.filter((one) => !kept.includes(one)));
}
