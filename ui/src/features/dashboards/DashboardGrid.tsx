import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { cellGap, cellHeight, type PlacedPanel, type Section } from '@/features/dashboards/model/grid';
import { interpolate, type Variable } from '@/features/dashboards/model/variables';
import classes from './DashboardPage.module.css';

interface DashboardGridProps {
  sections: readonly Section[];
  variables: readonly Variable[];
  render: (placed: PlacedPanel) => ReactNode;
}

/** A dashboard's rows with their panels, to be read. */
export function DashboardGrid({ sections, variables, render }: DashboardGridProps) {
  return sections.map((section) => <SectionView key={section.key} section={section} variables={variables} render={render} />);
}

function SectionView({ section, variables, render }: { section: Section; variables: readonly Variable[]; render: (placed: PlacedPanel) => ReactNode }) {
  const [open, setOpen] = useState(!section.collapsed);
  const title = section.title === undefined ? undefined : interpolate(section.title, variables, section.scoped, 'text') || 'Row';
  return (
    <div className={classes.section}>
      {title !== undefined && (
        <button type="button" className={classes.row} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
          {title}
          {!open && <span className="dim"> ({section.panels.length} panels)</span>}
        </button>
      )}
      {open && (
        <div className={classes.grid} style={{ '--cell': `${cellHeight}px`, '--gap': `${cellGap}px` } as CSSProperties}>
          {section.panels.map((placed) => (
            <div key={placed.key} className={classes.cell} style={cellStyle(placed)}>
              {render(placed)}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function cellStyle({ place, panel }: PlacedPanel): CSSProperties {
  return {
    gridColumn: `${place.x + 1} / span ${place.w}`,
    gridRow: `${place.y + 1} / span ${place.h}`,
    '--rows': place.h,
    // On a phone panels stand below each other; big numbers stay side by side.
    '--narrow': place.w <= 8 && (panel.type === 'stat' || panel.type === 'gauge') ? 1 : 2,
  } as CSSProperties;
}
