import { Button, Drawer } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { LogDetails } from '@/components/logs/LogDetails';
import { LogLine } from '@/components/logs/LogLine';
import type { Field } from '@/lib/logFields';
import { messageOf } from '@/lib/logFields';
import { levelOf } from '@/lib/levels';
import { steadySourceColumn } from '@/lib/logSource';
import type { FilterOperator } from '@/lib/logql';
import classes from './LiveTailPage.module.css';

interface TailRowsProps {
  /** From the oldest. */
  rows: readonly LogRow[];
  paused: boolean;
  onPause: (paused: boolean) => void;
  wrap: boolean;
  show: 'message' | 'line';
  marks: readonly (RegExp | undefined)[];
  markColors: readonly string[];
  onFilter: (field: Field, operator: FilterOperator) => void;
}

const rowHeight = 22;
/** So near the end counts as at the end. */
const slackPx = 30;

/** The rows, newest at the bottom. Follows them until the reader scrolls up, which pauses. */
export function TailRows({ rows, paused, onPause, wrap, show, marks, markColors, onFilter }: TailRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<LogRow>();
  const source = useMemo(() => steadySourceColumn(rows), [rows]);
  const style = { '--source-width': source.width } as CSSProperties;
  // The same function while the rows are: with a new one every row is measured anew.
  const getItemKey = useCallback((index: number) => rows[index]?.key ?? index, [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: 12,
  });

  useEffect(() => {
    if (!paused && rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [rows, paused, virtual]);

  const pauseWhenUp = () => {
    const element = scroller.current;
    if (element === null || paused) return;
    if (element.scrollHeight - element.scrollTop - element.clientHeight > slackPx) onPause(true);
  };

  return (
    <>
      <div ref={scroller} className={classes.scroll} style={style} tabIndex={0} role="log" aria-label="Live log lines" aria-live="off" onWheel={pauseWhenUp} onTouchMove={pauseWhenUp} onKeyUp={pauseWhenUp}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={item.key}
                ref={wrap ? virtual.measureElement : undefined}
                data-index={item.index}
                style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${item.start}px)` }}
              >
                <LogLine
                  ms={row.ms}
                  level={levelOf({ ...row.labels, ...row.metadata, ...row.parsed }, row.line)}
                  text={show === 'message' ? messageOf(row.line) : row.line}
                  source={source.of(row)?.name}
                sourceColor={source.of(row)?.color}
                  wrap={wrap}
                  open={open?.key === row.key}
                  marks={marks}
                  markColors={markColors}
                  onToggle={() => {
                    onPause(true);
                    setOpen(row);
                  }}
                />
              </div>
            );
          })}
        </div>
      </div>
      {paused && (
        <Button className={classes.resume} size="sm" radius="xl" leftSection={<IconArrowDown size={15} />} onClick={() => onPause(false)}>
          Follow the newest lines
        </Button>
      )}
      <Drawer opened={open !== undefined} onClose={() => setOpen(undefined)} position="right" size="min(720px, 94vw)" title="Line">
        {open && (
          <LogDetails
            row={open}
            onFilter={(field, operator) => {
              setOpen(undefined);
              onPause(false);
              onFilter(field, operator);
            }}
          />
        )}
      </Drawer>
    </>
  );
}
