import { Fragment, type ReactNode } from 'react';
import { gridFor } from '@/features/dashboards/panels/values';
import classes from './repeater.module.css';

export interface Size {
  width: number;
  height: number;
}

interface RepeaterProps extends Size {
  count: number;
  /** Grafana's: horizontal puts them below each other, vertical side by side, auto along the longer side. */
  orientation: string;
  /** With orientation auto: in rows and columns instead. */
  grid?: boolean;
  /** Pixels; less scrolls. */
  minWidth: number;
  minHeight: number;
  maxHeight?: number;
  gap?: number;
  children: (index: number, size: Size) => ReactNode;
}

/** Places the same drawing for each value and says how large each may be. */
export function Repeater({ count, width, height, orientation, grid = false, minWidth, minHeight, maxHeight = Infinity, gap = 6, children }: RepeaterProps) {
  if (count === 0) return null;
  const auto = orientation !== 'horizontal' && orientation !== 'vertical';
  const { columns, rows } = auto && grid ? gridFor(count, width, height, 'auto') : gridFor(count, width, height, auto ? (width > height ? 'vertical' : 'horizontal') : orientation);
  const cell = {
    width: Math.max(minWidth, (width - (columns - 1) * gap) / columns),
    height: Math.min(maxHeight, Math.max(minHeight, (height - (rows - 1) * gap) / rows)),
  };
  return (
    <div className={classes.repeater} tabIndex={cell.height * rows > height + rows || cell.width * columns > width + columns ? 0 : undefined} style={{ gap, gridTemplateColumns: `repeat(${columns}, ${cell.width.toFixed(1)}px)`, gridAutoRows: `${cell.height.toFixed(1)}px` }}>
      {Array.from({ length: count }, (_, index) => (
        <Fragment key={index}>{children(index, cell)}</Fragment>
      ))}
    </div>
  );
}
