import { Button, Popover, SegmentedControl, Select, Switch } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { exportPath } from '@/api/explore';
import type { ResolvedRange } from '@/lib/timeRange';
import classes from './LogsTab.module.css';

export interface ExportMenuProps {
  query: string;
  range: ResolvedRange;
  order: 'newest' | 'oldest';
  columns: readonly string[];
  /** Columns that only a parser of the lines gives. */
  parsers: readonly ('json' | 'logfmt')[];
}

const limits = [
  { value: '10000', label: '10,000 lines' },
  { value: '100000', label: '100,000 lines' },
  { value: '1000000', label: '1 million lines' },
  { value: '10000000', label: '10 million lines' },
];

/** Downloads the query's lines. The server streams them; the browser's own list of downloads shows and cancels it. */
export function ExportMenu({ query, range, order, columns, parsers }: ExportMenuProps) {
  const [format, setFormat] = useState<'csv' | 'ndjson'>('csv');
  const [limit, setLimit] = useState('100000');
  const [chosen, setChosen] = useState(true);
  const [escape, setEscape] = useState(true);
  const withColumns = chosen && columns.length > 0;
  const path = exportPath({
    query: withColumns ? `${query}${parsers.map((parser) => ` | ${parser}`).join('')}` : query,
    from: range.from,
    to: range.to,
    format,
    limit: Number(limit),
    direction: order === 'newest' ? 'backward' : 'forward',
    columns: withColumns ? ['time', ...columns, 'line'] : [],
    escapeFormulas: escape,
  });
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus defaultOpened>
      <Popover.Target>
        <Button variant="subtle" color="gray" leftSection={<IconDownload size={14} />}>
          Export
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.export}>
          <SegmentedControl
            aria-label="Format"
            data={[
              { value: 'csv', label: 'CSV' },
              { value: 'ndjson', label: 'NDJSON' },
            ]}
            value={format}
            onChange={(value) => setFormat(value as typeof format)}
          />
          <Select aria-label="At most" data={limits} value={limit} allowDeselect={false} onChange={(value) => setLimit(value ?? limit)} comboboxProps={{ withinPortal: false }} />
          {columns.length > 0 && <Switch size="xs" label={`Only the columns: ${columns.join(', ')}`} checked={chosen} onChange={(event) => setChosen(event.currentTarget.checked)} />}
          {format === 'csv' && <Switch size="xs" label="Safe for spreadsheets: formulas become text" checked={escape} onChange={(event) => setEscape(event.currentTarget.checked)} />}
          <Button component="a" href={path} download leftSection={<IconDownload size={14} />}>
            Download
          </Button>
          <span className="faint">An export that was cut or failed says so in its last line.</span>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
