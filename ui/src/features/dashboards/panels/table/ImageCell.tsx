import { cellText, type Column } from '@/features/dashboards/panels/table/columns';
import { option } from '@/features/dashboards/panels/types';
import { isSafeUrl } from '@/lib/safeUrl';
import classes from './table.module.css';

/** A picture: those in the data itself or of our own are drawn, those of other hosts are a link, which nobody's page follows by itself. */
export function ImageCell({ column: { field, cell }, row, height }: { column: Column; row: number; height: number }) {
  const value: unknown = field.values[row];
  const src = typeof value === 'string' ? value.trim() : '';
  const alt = option(cell.raw, 'alt', '') || src.split(/[?#]/)[0]?.split('/').at(-1)?.slice(0, 60) || 'Picture';
  if (/^(data:image\/(png|jpe?g|gif|webp|avif|svg\+xml)[;,]|\/(?![/\\]))/i.test(src)) {
    return <img src={src} alt={alt} title={option(cell.raw, 'title', '')} loading="lazy" style={{ maxHeight: height, maxWidth: '100%' }} />;
  }
  if (/^https?:/i.test(src) && isSafeUrl(src)) {
    return (
      <a className={classes.text} href={src} target="_blank" rel="noopener noreferrer">
        {alt}
      </a>
    );
  }
  return <span className={classes.text}>{cellText(field, row)}</span>;
}
