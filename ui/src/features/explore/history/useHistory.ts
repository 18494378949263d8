import { useEffect } from 'react';
import { changeHistory, type HistoryEntry, withRun } from '@/lib/queryHistory';

/** Notes a query that is shown as one that was run. */
export function useHistoryEntry(kind: HistoryEntry['kind'], text: string, search: HistoryEntry['search']): void {
  const packed = JSON.stringify(search);
  useEffect(() => {
    if (text.trim() === '') return;
    changeHistory((entries) => withRun(entries, { kind, text, search: JSON.parse(packed) as HistoryEntry['search'] }, Date.now()));
  }, [kind, text, packed]);
}
