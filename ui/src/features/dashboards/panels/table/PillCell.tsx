import type { GrafanaTheme2 } from '@grafana/data';
import { readable } from '@/features/dashboards/panels/readable';
import { cellText, type Column } from '@/features/dashboards/panels/table/columns';
import classes from './table.module.css';

const maxPills = 50;

/** Each of a list's values as a pill: of a mapping's colour, or one that the text keeps. */
export function PillCell({ column: { field }, row, theme }: { column: Column; row: number; theme: GrafanaTheme2 }) {
  const texts = pillsOf(field.values[row], cellText(field, row)).slice(0, maxPills);
  return (
    <span className={classes.pills}>
      {texts.map((text, index) => {
        const shown = field.display?.(text);
        const mode = field.config.color?.mode;
        const mapped = shown?.color !== undefined && (field.config.mappings?.length ?? 0) > 0 && shown.text !== text ? shown.color : undefined;
        const color = mapped ?? (mode === 'fixed' ? shown?.color : undefined) ?? theme.visualization.palette[hash(text) % Math.max(theme.visualization.palette.length, 1)] ?? 'var(--accent)';
        return (
          <span key={`${text}/${index}`} className={classes.pill} style={{ background: color, color: readable(color) }}>
            {shown?.text ?? text}
          </span>
        );
      })}
    </span>
  );
}

/** The values of a list, of a list in JSON, or of "a, b, c". */
export function pillsOf(value: unknown, text: string): string[] {
  if (Array.isArray(value)) return value.map((one) => String(one));
  if (typeof value !== 'string') return text === '' ? [] : [text];
  if (value.trim().startsWith('[')) {
    try {
      const list: unknown = JSON.parse(value);
      if (Array.isArray(list)) return list.map((one) => String(one));
    } catch {
      // No JSON after all: as text.
    }
  }
  return value.split(',').map((one) => one.trim()).filter((one) => one !== '');
}

function hash(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) >>> 0;
  return sum;
}
