import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { type TooltipContent, type TooltipOptions, tooltipText, tooltipView } from '@/features/dashboards/panels/chart/tooltip';
import { DataLinks } from '@/features/dashboards/panels/DataLinks';
import classes from './chart.module.css';

interface ChartTooltipProps {
  content: TooltipContent;
  options: TooltipOptions;
  /** The element that left and top (CSS pixels) are relative to. */
  anchor: HTMLElement;
  left: number;
  top: number;
  /** Stays and takes the pointer, with links and a copy button. */
  pinned: boolean;
  onClose: () => void;
}

const wholeView = { mode: 'multi', sort: 'none', hideZeros: false };
const gap = 14;
const edge = 6;

/** The values at the crosshair, beside it and inside the window. */
export function ChartTooltip({ content, options, anchor, left, top, pinned, onClose }: ChartTooltipProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const place = () => {
      const origin = anchor.getBoundingClientRect();
      const { width, height } = element.getBoundingClientRect();
      const x = origin.left + left;
      const right = x + gap + width + edge <= window.innerWidth;
      const best = right ? x + gap : x - gap - width;
      const y = Math.max(edge, Math.min(origin.top + top - 12, window.innerHeight - height - edge));
      element.style.transform = `translate(${Math.round(Math.max(edge, Math.min(best, window.innerWidth - width - edge)))}px, ${Math.round(y)}px)`;
    };
    place();
    if (!pinned) return undefined;
    window.addEventListener('scroll', place, { capture: true, passive: true });
    return () => window.removeEventListener('scroll', place, { capture: true });
  });
  const { shown, more } = tooltipView(content.rows, content.whole === true ? wholeView : options, pinned ? 200 : undefined);
  if (shown.length === 0 && content.bars === undefined) return null;
  const nearest = shown.find((row) => row.near) ?? (shown.length === 1 ? shown[0] : undefined);
  return createPortal(
    <div ref={box} className={classes.tooltip} data-pinned={pinned} role={pinned ? 'dialog' : 'status'} aria-label={pinned ? 'Values at this point' : undefined}>
      <div className={classes.tooltipHead}>
        <span>{content.title}</span>
        {pinned && (
          <span className={classes.tooltipTools}>
            <CopyButton value={tooltipText({ ...content, rows: shown })}>
              {({ copied, copy }) => (
                <ActionIcon variant="subtle" color="gray" size="xs" aria-label="Copy the values" onClick={copy}>
                  {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
                </ActionIcon>
              )}
            </CopyButton>
            <ActionIcon variant="subtle" color="gray" size="xs" aria-label="Close" onClick={onClose}>
              <IconX size={13} />
            </ActionIcon>
          </span>
        )}
      </div>
      <div className={classes.tooltipRows} style={options.maxHeight === undefined ? undefined : { maxHeight: options.maxHeight }}>
        {shown.map((row) => (
          <div key={row.key} className={classes.tooltipRow} data-near={row.near && content.rows.length > 1}>
            {row.color !== undefined && <span className={classes.swatch} style={{ background: row.color }} />}
            <span className={classes.tooltipName}>{row.name}</span>
            <span className={classes.tooltipValue}>{row.text}</span>
          </div>
        ))}
      </div>
      {more > 0 && <div className={classes.tooltipMore}>and {more} more</div>}
      {content.bars !== undefined && <Bars bars={content.bars} />}
      {nearest?.field !== undefined && nearest.row !== undefined && pinned && <DataLinks field={nearest.field} row={nearest.row} className={classes.tooltipLinks} />}
      {nearest?.field?.getLinks !== undefined && !pinned && (nearest.field.config.links?.length ?? 0) > 0 && <div className={classes.tooltipMore}>Click for links</div>}
    </div>,
    document.body,
  );
}

/** What the buckets of one moment hold. */
function Bars({ bars }: { bars: NonNullable<TooltipContent['bars']> }) {
  const max = Math.max(...bars.map((bar) => bar.value), Number.MIN_VALUE);
  const height = 44;
  const width = 180 / Math.max(bars.length, 1);
  return (
    <svg width={180} height={height} className={classes.tooltipBars} aria-hidden="true">
      {bars.map((bar, at) => (
        <rect key={bar.name} x={at * width} y={height - (bar.value / max) * height} width={Math.max(width - 1, 0.5)} height={(bar.value / max) * height} fill={bar.near ? 'var(--accent)' : 'var(--text-faint)'} opacity={bar.near ? 1 : 0.55} />
      ))}
    </svg>
  );
}
