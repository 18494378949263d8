import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { compareTs, type LogRow, queryLogs } from '@/api/loki';
import { LogLine } from '@/components/logs/LogLine';
import { EmptyState } from '@/components/EmptyState';
import { QueryView } from '@/components/QueryView';
import { levelOf } from '@/lib/levels';
import { selector } from '@/lib/promql';
import classes from './LogsTab.module.css';

const each = 50;
const hourNs = 3_600_000_000_000n;

/** The lines of the same stream just before and after one row. */
export function ContextDrawer({ row, onClose }: { row: LogRow | undefined; onClose: () => void }) {
  return (
    <Drawer opened={row !== undefined} onClose={onClose} position="right" size="min(1000px, 94vw)" title="Surrounding lines of the same stream">
      {row && <Context row={row} />}
    </Drawer>
  );
}

function Context({ row }: { row: LogRow }) {
  const query = selector(row.labels);
  const here = useRef<HTMLDivElement>(null);
  const context = useQuery({
    queryKey: ['log-context', query, row.ts, row.line],
    queryFn: async ({ signal }) => {
      const ts = BigInt(row.ts);
      const [before, after] = await Promise.all([
        queryLogs({ query, start: String(ts - hourNs), end: row.ts, limit: each, direction: 'backward' }, signal),
        queryLogs({ query, start: row.ts, end: String(ts + hourNs), limit: each, direction: 'forward' }, signal),
      ]);
      return [...before.rows.map((r) => ({ ...r, key: `before/${r.key}` })), ...after.rows].sort((a, b) => compareTs(a.ts, b.ts));
    },
    staleTime: Infinity,
  });
  useEffect(() => {
    here.current?.scrollIntoView({ block: 'center' });
  }, [context.data]);
  return (
    <>
      <p className="mono faint" style={{ marginTop: 0, overflowWrap: 'anywhere' }}>
        {query}
      </p>
      <QueryView query={context} errorTitle="The surrounding lines could not be loaded" isEmpty={(rows) => rows.length === 0} empty={<EmptyState title="This line stands alone in its hour" />}>
        {(rows) => (
          <div>
            {rows.map((one) => {
              const same = one.ts === row.ts && one.line === row.line;
              return (
                <div key={one.key} ref={same ? here : undefined} className={same ? classes.here : classes.contextRow}>
                  <LogLine ms={one.ms} level={levelOf({ ...one.labels, ...one.metadata }, one.line)} text={one.line} wrap open={same} marks={[]} />
                </div>
              );
            })}
          </div>
        )}
      </QueryView>
    </>
  );
}
