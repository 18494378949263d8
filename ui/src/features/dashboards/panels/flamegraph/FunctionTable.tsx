import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { functionsOf, type Profile } from '@/features/dashboards/panels/flamegraph/profile';
import classes from './flamegraph.module.css';

interface FunctionTableProps {
  profile: Profile;
  search: string;
  onPick: (label: string) => void;
}

const rowHeight = 24;

/** The functions of a profile with their own and their total share. */
export function FunctionTable({ profile, search, onPick }: FunctionTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [order, setOrder] = useState<'label' | 'self' | 'total'>('self');
  const rows = useMemo(() => functionsOf(profile), [profile]);
  const shown = useMemo(() => {
    const needle = search.toLowerCase();
    return rows.filter((row) => needle === '' || row.label.toLowerCase().includes(needle)).sort((a, b) => (order === 'label' ? a.label.localeCompare(b.label) : b[order] - a[order]));
  }, [rows, search, order]);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10 });
  const heading = (id: typeof order, text: string) => (
    <div role="columnheader" aria-sort={order === id ? (id === 'label' ? 'ascending' : 'descending') : 'none'}>
      <button type="button" onClick={() => setOrder(id)} data-active={order === id}>
        {text}
      </button>
    </div>
  );
  return (
    <div ref={scroller} className={classes.table} role="table" aria-label="Functions" aria-rowcount={shown.length + 1} tabIndex={0}>
      <div role="row" className={classes.tableHead}>
        {heading('label', 'Function')}
        {heading('self', 'Self')}
        {heading('total', 'Total')}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = shown[item.index];
          if (row === undefined) return null;
          return (
            <div key={row.label} role="row" className={classes.tableRow} style={{ transform: `translateY(${item.start}px)` }}>
              <div role="cell">
                <button type="button" className={classes.name} title={row.label} onClick={() => onPick(row.label)}>
                  {row.label}
                </button>
              </div>
              <Amount value={row.self} profile={profile} />
              <Amount value={row.total} profile={profile} />
            </div>
          );
        })}
      </div>
      {shown.length === 0 && <div className={classes.nothing}>No function matches</div>}
    </div>
  );
}

function Amount({ value, profile }: { value: number; profile: Profile }) {
  return (
    <div role="cell" className={classes.amount}>
      <span className={classes.meter} style={{ width: `${profile.total === 0 ? 0 : Math.min(100, (value / profile.total) * 100)}%` }} />
      <span>{profile.format(value)}</span>
    </div>
  );
}
