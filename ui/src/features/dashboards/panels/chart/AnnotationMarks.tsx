import { Tooltip } from '@mantine/core';
import type { CSSProperties } from 'react';
import type { Annotation } from '@/features/dashboards/model/types';
import type { Mark } from '@/features/dashboards/panels/chart/annotations';
import { momentText, type TimeZone } from '@/features/dashboards/panels/chart/time';
import classes from './chart.module.css';

const mostListed = 6;

/** Below the axis: a triangle or a bar for what happened, with its text on hover and focus. */
export function AnnotationMarks({ marks, left, top, zone }: { marks: readonly Mark[]; left: number; top: number; zone: TimeZone }) {
  return (
    <div className={classes.marks} style={{ transform: `translate(${left}px, ${top}px)` }}>
      {marks.map((mark) => (
        <Tooltip key={`${mark.left}/${mark.width}/${mark.annotations[0]?.ms ?? 0}`} label={<Card annotations={mark.annotations} zone={zone} />} withinPortal multiline events={{ hover: true, focus: true, touch: true }} color="var(--panel-raised)" styles={{ tooltip: { color: 'var(--text)', border: '1px solid var(--line-strong)', boxShadow: 'var(--shadow)' } }}>
          <button
            type="button"
            className={classes.mark}
            data-region={mark.width >= 4}
            style={{ '--mark-color': mark.color, left: mark.left + mark.width / 2, ...(mark.width >= 4 ? { width: mark.width } : {}) } as CSSProperties}
            aria-label={mark.annotations.slice(0, mostListed).map((one) => [one.source, one.title, one.text].filter(Boolean).join(': ')).join('; ')}
          />
        </Tooltip>
      ))}
    </div>
  );
}

function Card({ annotations, zone }: { annotations: readonly Annotation[]; zone: TimeZone }) {
  return (
    <div className={classes.markCard}>
      {annotations.slice(0, mostListed).map((one, at) => (
        <div key={at} className={classes.markItem}>
          {one.title !== undefined && one.title !== '' && <div className={classes.markTitle}>{one.title}</div>}
          {one.text !== '' && <div className={classes.markText}>{one.text}</div>}
          <div className={classes.markMeta}>
            {momentText(one.ms, zone)}
            {one.endMs !== undefined && ` – ${momentText(one.endMs, zone)}`}
            {one.source !== '' && ` · ${one.source}`}
          </div>
          {one.tags.length > 0 && (
            <div className={classes.tags}>
              {one.tags.map((tag) => (
                <span key={tag} className={classes.tag}>
                  {tag}
                </span>
              ))}
            </div>
          )}
        </div>
      ))}
      {annotations.length > mostListed && <div className={classes.markMeta}>and {annotations.length - mostListed} more</div>}
    </div>
  );
}
