import { type DataFrame, type Field, FieldType, outerJoinDataFrames } from '@grafana/data';
import { frameToCsv } from '@/features/dashboards/inspect/csv';

/** Whether the panel leaves a field out: a table's hidden column, a series that its options hide. */
function isHidden({ config }: Field): boolean {
  const custom = config.custom as { hidden?: boolean; hideFrom?: { viz?: boolean } } | undefined;
  return custom?.hidden === true || custom?.hideFrom?.viz === true;
}

/**
 * A panel's data as it is shown: after its transformations, with the names that
 * its field options give, without what they hide. Series that share their times
 * are columns of one table. Numbers are bare, or as the panel writes them.
 */
export function panelCsv(frames: readonly DataFrame[], formatted: boolean): string {
  const shown = frames.map((frame) => ({ ...frame, fields: frame.fields.filter((field) => !isHidden(field)) })).filter((frame) => frame.fields.length > 0);
  const tables = joined(shown);
  return tables.map((frame) => frameToCsv(frame, tables, formatted)).join('\r\n');
}

function joined(frames: DataFrame[]): DataFrame[] {
  const series = frames.length > 1 && frames.every((frame) => frame.fields[0]?.type === FieldType.time && frame.fields.length === 2);
  const one = series ? outerJoinDataFrames({ frames }) : undefined;
  return one === undefined ? frames : [one];
}

interface Source {
  title: string;
  frames: readonly DataFrame[];
  /** The panel's element: the table has panels in the order of the page. */
  element: () => Element | undefined;
}

declare global {
  interface Window {
    /** Of a page without controls: the server writes tables with it. */
    pharosPanelCsv?: (formatted: boolean) => string;
  }
}

const sources = new Map<string, Source>();

/** Offers a panel's data to whoever reads the page as a table; returns what ends that. */
export function offerCsv(key: string, source: Source): () => void {
  sources.set(key, source);
  window.pharosPanelCsv ??= pageCsv;
  return () => {
    if (sources.get(key) === source) sources.delete(key);
  };
}

/** All panels of the page; a single one stands without its title. */
function pageCsv(formatted: boolean): string {
  const place = ({ element }: Source) => element()?.getBoundingClientRect() ?? new DOMRect();
  const panels = [...sources.values()].filter((one) => one.frames.some((frame) => frame.length > 0));
  panels.sort((a, b) => place(a).top - place(b).top || place(a).left - place(b).left);
  if (panels.length === 1 && panels[0] !== undefined) return panelCsv(panels[0].frames, formatted);
  return panels.map((one) => `${heading(one.title)}\r\n${panelCsv(one.frames, formatted)}`).join('\r\n');
}

/** A line of its own, which no spreadsheet takes for a formula. */
function heading(title: string): string {
  const text = `# ${title}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
