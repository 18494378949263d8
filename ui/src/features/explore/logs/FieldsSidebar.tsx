import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconColumnInsertRight, IconColumnRemove, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { type FieldStat, fieldStats, type FieldType } from '@/lib/fieldStats';
import type { FieldSource, FilterOperator } from '@/lib/logql';
import type { ResolvedRange } from '@/lib/timeRange';
import classes from './FieldsSidebar.module.css';
import { FieldValues } from './FieldValues';

interface FieldsSidebarProps {
  rows: readonly LogRow[];
  query: string;
  range: ResolvedRange;
  columns: readonly string[];
  onColumn: (name: string) => void;
  onFilter: (field: FieldStat, operator: FilterOperator, value: string) => void;
  onPresent: (field: FieldStat) => void;
}

/** So many rows tell what fields there are; the counts over the range are the server's. */
const sample = 1_000;

const groups: readonly { title: string; sources: readonly FieldSource[] }[] = [
  { title: 'Stream labels', sources: ['label'] },
  { title: 'Structured metadata', sources: ['metadata'] },
  { title: 'Extracted by the query', sources: ['parsed'] },
  { title: 'In the lines', sources: ['json', 'logfmt'] },
];

const letters: Record<FieldType, { letter: string; title: string }> = {
  number: { letter: '#', title: 'number' },
  duration: { letter: '◷', title: 'duration' },
  bytes: { letter: 'B', title: 'size' },
  boolean: { letter: '◑', title: 'boolean' },
  time: { letter: '◷', title: 'time' },
  text: { letter: 't', title: 'text' },
};

/** The fields that the lines have: their values with counts, as filters and as columns. */
export function FieldsSidebar({ rows, columns, ...rest }: FieldsSidebarProps) {
  const [text, setText] = useState('');
  const [open, setOpen] = useState<string>();
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const looked = useMemo(() => rows.slice(0, sample), [rows]);
  const stats = useMemo(() => fieldStats(looked), [looked]);
  const found = stats.filter((field) => field.name.toLowerCase().includes(wanted));
  return (
    <section className={classes.sidebar} aria-label="Fields">
      <TextInput aria-label="Search fields" placeholder={`Search ${stats.length} fields`} leftSection={<IconSearch size={13} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <div className={classes.list}>
        {rows.length === 0 && <p className={classes.note}>Fields appear with the first lines.</p>}
        {rows.length > 0 && found.length === 0 && <p className={classes.note}>No field matches.</p>}
        {groups.map(({ title, sources }) => {
          const fields = found.filter((field) => sources.includes(field.source));
          if (fields.length === 0) return null;
          return (
            <div key={title}>
              <h3 className={classes.group}>{title}</h3>
              {fields.map((field) => (
                <FieldItem
                  key={field.name}
                  field={field}
                  looked={looked.length}
                  open={open === field.name}
                  isColumn={columns.includes(field.name)}
                  onToggle={() => setOpen(open === field.name ? undefined : field.name)}
                  {...rest}
                />
              ))}
            </div>
          );
        })}
      </div>
    </section>
  );
}

interface FieldItemProps extends Omit<FieldsSidebarProps, 'rows' | 'columns'> {
  field: FieldStat;
  looked: number;
  open: boolean;
  isColumn: boolean;
  onToggle: () => void;
}

function FieldItem({ field, looked, open, isColumn, onToggle, onColumn, ...rest }: FieldItemProps) {
  const { letter, title } = letters[field.type];
  const share = Math.round((field.rows / Math.max(1, looked)) * 100);
  return (
    <div className={classes.item} data-open={open}>
      <div className={classes.head}>
        <button type="button" className={classes.name} aria-expanded={open} onClick={onToggle} title={`${field.name}: ${title}, in ${share} % of the lines`}>
          <span className={classes.type} aria-label={title}>
            {letter}
          </span>
          <span className={classes.label}>{field.name}</span>
          <span className={`${classes.share} num`}>{share} %</span>
        </button>
        <Tooltip label={isColumn ? 'Remove the column' : 'Show as a column'}>
          <ActionIcon variant="subtle" color={isColumn ? 'sea' : 'gray'} size={22} aria-pressed={isColumn} aria-label={`Column ${field.name}`} onClick={() => onColumn(field.name)}>
            {isColumn ? <IconColumnRemove size={14} /> : <IconColumnInsertRight size={14} />}
          </ActionIcon>
        </Tooltip>
      </div>
      {open && <FieldValues field={field} looked={looked} {...rest} />}
    </div>
  );
}
