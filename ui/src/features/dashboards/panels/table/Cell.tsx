import { Menu } from '@mantine/core';
import { IconCopy, IconEye, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { type GrafanaTheme2, FieldType, type LinkModel } from '@grafana/data';
import { type CSSProperties, lazy, memo, type ReactNode, Suspense } from 'react';
import { DataLinks } from '@/features/dashboards/panels/DataLinks';
import { inkOn, readable } from '@/features/dashboards/panels/readable';
import { cellText, type Column } from '@/features/dashboards/panels/table/columns';
import { GaugeCell } from '@/features/dashboards/panels/table/GaugeCell';
import { ImageCell } from '@/features/dashboards/panels/table/ImageCell';
import { PillCell } from '@/features/dashboards/panels/table/PillCell';
import { SparklineCell } from '@/features/dashboards/panels/table/SparklineCell';
import { MappedIcon } from '@/features/dashboards/panels/MappedIcon';
import { isSafeUrl } from '@/lib/safeUrl';
import classes from './table.module.css';

const RichText = lazy(() => import('@/components/richtext/RichText'));

export interface CellActions {
  onFilter: ((key: string, operator: '=' | '!=', value: string) => void) | undefined;
  onInspect: (column: Column, row: number) => void;
}

interface CellProps {
  column: Column;
  row: number;
  theme: GrafanaTheme2;
  width: number;
  height: number;
  style?: CSSProperties | undefined;
  /** The colour that another cell gives to the whole row. */
  rowColor: string | undefined;
  actions: CellActions;
}

/** One cell: its value as its column draws it, its links, and what can be done with it. */
export const Cell = memo(function Cell({ column, row, theme, width, height, style, rowColor, actions }: CellProps) {
  const { field, cell, align } = column;
  const value: unknown = field.values[row];
  const background = rowColor ?? backgroundOf(column, row);
  const look: CSSProperties = {
    ...style,
    ...(background === undefined ? {} : { background: rowColor !== undefined || cell.mode === 'basic' ? background : gradientOf(background), color: readable(background, theme.isDark ? 20 : 255) }),
    ...(cell.type === 'color-text' ? { color: inkOn(field.display?.(value).color ?? 'var(--text)', theme.isDark, 12), fontWeight: 600 } : {}),
  };
  const filterable = actions.onFilter !== undefined && (field.config.filterable === true || field.type === FieldType.string) && typeof value !== 'object';
  const drawn = cell.type === 'gauge' || cell.type === 'sparkline' || cell.type === 'image' || cell.type === 'markdown';
  return (
    <div role="cell" className={classes.cell} data-align={align} data-wrap={cell.wrapText} data-drawn={drawn} style={look} title={drawn ? undefined : cellText(field, row)}>
      <Content column={column} row={row} theme={theme} width={width - 2 * cellPadding} height={height - 6} />
      {(filterable || column.inspect) && (
        <span className={classes.tools}>
          {filterable && <Tool label={`Only ${column.name} = ${String(value)}`} onClick={() => actions.onFilter?.(field.name, '=', String(value))} icon={<IconZoomIn size={13} />} />}
          {filterable && <Tool label={`Without ${column.name} = ${String(value)}`} onClick={() => actions.onFilter?.(field.name, '!=', String(value))} icon={<IconZoomOut size={13} />} />}
          {column.inspect && <Tool label={`Show the value of ${column.name}`} onClick={() => actions.onInspect(column, row)} icon={cell.type === 'image' ? <IconCopy size={13} /> : <IconEye size={13} />} />}
        </span>
      )}
    </div>
  );
});

const cellPadding = 10;

function Tool({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <button type="button" className={classes.tool} aria-label={label} title={label} onClick={onClick}>
      {icon}
    </button>
  );
}

/** The colour behind a cell, if its column gives it one. */
export function backgroundOf(column: Column, row: number): string | undefined {
  if (column.cell.type !== 'color-background') return undefined;
  return column.field.display?.(column.field.values[row]).color;
}

function gradientOf(color: string): string {
  return `linear-gradient(110deg, ${color}, color-mix(in srgb, ${color} 80%, var(--panel)))`;
}

function Content({ column, row, theme, width, height }: { column: Column; row: number; theme: GrafanaTheme2; width: number; height: number }) {
  const { field, cell } = column;
  const value: unknown = field.values[row];
  switch (cell.type) {
    case 'gauge':
      return <GaugeCell column={column} row={row} theme={theme} />;
    case 'sparkline':
      return <SparklineCell column={column} row={row} theme={theme} width={width} height={height} />;
    case 'image':
      return <ImageCell column={column} row={row} height={height} />;
    case 'pill':
      return <PillCell column={column} row={row} theme={theme} />;
    case 'data-links':
      return <DataLinks field={field} row={row} className={classes.links ?? ''} />;
    case 'json-view':
      return <code className={classes.json}>{typeof value === 'string' ? compactJson(value) : value == null ? '' : JSON.stringify(value)}</code>;
    case 'markdown':
      return (
        <Suspense fallback={<span className={classes.text}>{cellText(field, row)}</span>}>
          <RichText text={cellText(field, row)} className={classes.markdown ?? ''} />
        </Suspense>
      );
    default:
      return <LinkedText column={column} row={row} />;
  }
}

function compactJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** The text; with one link it is that link, with several it opens their list. */
function LinkedText({ column: { field }, row }: { column: Column; row: number }) {
  const shown = field.display?.(field.values[row]);
  const text = cellText(field, row);
  const content = shown?.icon === undefined ? text : <MappedIcon icon={shown.icon} text={text} />;
  const links: LinkModel<unknown>[] = (field.getLinks?.({ valueRowIndex: row }) ?? []).filter((link) => isSafeUrl(link.href));
  const [first] = links;
  if (first === undefined) return <span className={classes.text}>{content}</span>;
  if (links.length === 1) {
    return (
      <a className={classes.text} href={first.href} target={first.target ?? '_self'} rel="noreferrer" title={first.title || first.href}>
        {content}
      </a>
    );
  }
  return (
    <Menu shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.linkList} aria-label={`Links of ${text}`}>
          {content}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {links.map((link) => (
          <Menu.Item key={`${link.title}\n${link.href}`} component="a" href={link.href} target={link.target ?? '_self'} rel="noreferrer">
            {link.title || link.href}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
