import { IconAlertCircleFilled, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { formatMicros } from '@/lib/duration';
import { type RawSpan, ticks, type TraceLayout, type TraceSpan, visibleSpans } from '@/lib/trace';
import type { TimeWindow } from './Minimap';
import classes from './traces.module.css';

interface WaterfallProps<S extends RawSpan> {
  layout: TraceLayout<S>;
  /** By service. */
  colors: ReadonlyMap<string, string>;
  window: TimeWindow;
  /** The opened span's id, '' for none. */
  selected: string;
  onSelect: (spanId: string) => void;
}

const rowHeight = 26;
const tickCount = 5;
/** Deeper spans keep this indentation, so that names stay readable. */
const maxIndentDepth = 14;

/** Spans as bars under their parents; only the rows in view exist. Arrow keys move, left and right fold. */
export function Waterfall<S extends RawSpan>({ layout, colors, window: shown, selected, onSelect }: WaterfallProps<S>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const spans = useMemo(() => visibleSpans(layout, collapsed), [layout, collapsed]);
  const virtual = useVirtualizer({ count: spans.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 15 });
  const marks = useMemo(() => ticks(shown.to - shown.from, tickCount), [shown]);
  const width = Math.max(1, shown.to - shown.from);

  const fold = useCallback((id: string, closed?: boolean) => {
    setCollapsed((before) => {
      const next = new Set(before);
      if (closed ?? !next.has(id)) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);

  const opened = useRef(false);
  useEffect(() => {
    const index = spans.findIndex((span) => span.id === selected);
    // Only when the page is opened at a span: later the reader's own scrolling counts.
    if (!opened.current && index >= 0) virtual.scrollToIndex(index, { align: 'center' });
    opened.current = true;
  }, [spans, selected, virtual]);

  const onKeyDown = (event: KeyboardEvent) => {
    const index = spans.findIndex((span) => span.id === selected);
    const at = spans[index];
    const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (move !== 0) {
      const next = spans[Math.min(Math.max(index + move, 0), spans.length - 1)];
      if (next && next !== at) {
        onSelect(next.id);
        virtual.scrollToIndex(spans.indexOf(next));
      }
    } else if (at && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) fold(at.id, event.key === 'ArrowLeft');
    else return;
    event.preventDefault();
  };

  return (
    <div className={classes.waterfall} style={{ '--name-width': 'clamp(150px, 34%, 460px)' } as CSSProperties}>
      <div className={classes.ruler}>
        <span>
          Service and operation
          {layout.spans.some((span) => span.children.length > 0) && (
            <button
              type="button"
              className={classes.foldAll}
              onClick={() => setCollapsed(collapsed.size > 0 ? new Set() : new Set(layout.spans.filter((s) => s.depth > 0 && s.children.length > 0).map((s) => s.id)))}
            >
              {collapsed.size > 0 ? 'Expand all' : 'Collapse'}
            </button>
          )}
        </span>
        <div className={classes.axis}>
          {marks.map((mark) => (
            <span key={mark} style={{ left: `${(mark / width) * 100}%` }}>
              {formatMicros(shown.from + mark)}
            </span>
          ))}
        </div>
      </div>
      <div ref={scroller} className={classes.scroll} role="tree" aria-label="Spans" tabIndex={0} onKeyDown={onKeyDown}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const span = spans[item.index];
            if (span === undefined) return null;
            return (
              <SpanRow
                key={span.id}
                span={span}
                color={colors.get(span.service) ?? 'var(--text-faint)'}
                top={item.start}
                shown={shown}
                marks={marks}
                selected={span.id === selected}
                collapsed={collapsed.has(span.id)}
                onSelect={onSelect}
                onFold={fold}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface SpanRowProps {
  span: TraceSpan;
  color: string;
  top: number;
  shown: TimeWindow;
  marks: readonly number[];
  selected: boolean;
  collapsed: boolean;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
}

function SpanRow({ span, color, top, shown, marks, selected, collapsed, onSelect, onFold }: SpanRowProps) {
  const width = Math.max(1, shown.to - shown.from);
  const left = ((span.start - shown.from) / width) * 100;
  const right = ((span.start + span.duration - shown.from) / width) * 100;
  const label = right <= 84 ? 'after' : left >= 14 ? 'before' : 'inside';
  return (
    <div
      className={classes.spanRow}
      style={{ top }}
      role="treeitem"
      aria-level={span.depth + 1}
      aria-selected={selected}
      {...(span.children.length === 0 ? {} : { 'aria-expanded': !collapsed })}
      data-selected={selected}
      onClick={() => onSelect(span.id)}
    >
      <div className={classes.spanName} style={{ paddingLeft: `calc(6px + ${Math.min(span.depth, maxIndentDepth)} * var(--indent))` }}>
        {span.children.length > 0 ? (
          <button
            type="button"
            className={classes.fold}
            tabIndex={-1}
            aria-label={collapsed ? `Show ${span.descendants} spans below` : 'Hide the spans below'}
            onClick={(event) => {
              event.stopPropagation();
              onFold(span.id);
            }}
          >
            {collapsed ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
          </button>
        ) : (
          <span style={{ width: 18, flex: 'none' }} />
        )}
        <span className={classes.dot} style={{ background: color }} />
        {(span.error || (collapsed && span.errorBelow)) && (
          <span className={classes.error} title={span.error ? 'This span failed' : 'A span below failed'}>
            <IconAlertCircleFilled size={13} />
          </span>
        )}
        <span className={classes.label} title={`${span.service}: ${span.operation}`}>
          <span className={classes.serviceName}>{span.service}</span>
          <span className={classes.operation}>{span.operation}</span>
          {collapsed && <span className="faint"> +{span.descendants}</span>}
        </span>
      </div>
      <div className={classes.bars}>
        {marks.map((mark) => (
          <span key={mark} className={classes.gridline} style={{ left: `${(mark / width) * 100}%` }} />
        ))}
        <span className={classes.bar} style={{ left: `${left}%`, width: `${right - left}%`, background: color, outline: span.error ? '1.5px solid var(--bad)' : undefined }} />
        {span.critical && <span className={classes.critical} style={{ left: `${left}%`, width: `${right - left}%` }} title="On the critical path" />}
        <span className={classes.took} data-place={label} style={tookStyle(label, left, right)}>
          {formatMicros(span.duration)}
        </span>
      </div>
    </div>
  );
}

/** The duration stands beside its bar, or in it where there is no room. */
function tookStyle(place: 'after' | 'before' | 'inside', left: number, right: number): CSSProperties {
  if (place === 'after') return { left: `${Math.max(right, 0)}%` };
  if (place === 'before') return { right: `${100 - left}%` };
  return { right: `${Math.max(100 - right, 0)}%` };
}
