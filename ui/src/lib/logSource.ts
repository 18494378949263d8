import { assignColors, nameColor } from '@/lib/color';

interface Labelled {
  labels: Readonly<Record<string, string>>;
}

/** A stream in one word, with the colour of that word. */
export interface LogSource {
  name: string;
  color: string;
}

/** How the streams of some rows are told apart in one word. */
export interface SourceColumn {
  of: (row: Labelled) => LogSource | undefined;
  /** The width that the words need, as a CSS length. */
  width: string;
}

const names = ['service_name', 'service', 'app', 'application', 'container', 'pod', 'component', 'job', 'unit', 'filename', 'host', 'instance'];
/** So many rows tell what streams there are. */
const sample = 500;
const widest = 24;
const nothing: SourceColumn = { of: () => undefined, width: '0' };

function telling(rows: readonly Labelled[]): string | undefined {
  return names.find((name) => new Set(rows.map((row) => row.labels[name])).size > 1);
}

/**
 * The column for rows that come and go: colours and width do not depend on which
 * streams are present, so that nothing flickers.
 */
export function steadySourceColumn(rows: readonly Labelled[]): SourceColumn {
  const label = telling(rows.slice(-sample));
  if (label === undefined) return nothing;
  return {
    of: ({ labels }) => {
      const name = labels[label] ?? '';
      return { name, color: nameColor(name) };
    },
    width: '20ch',
  };
}

/** The column of the first usual label that rows differ in; without any, nothing is shown. */
export function sourceColumn(rows: readonly Labelled[]): SourceColumn {
  const looked = rows.slice(-sample);
  const label = telling(looked);
  if (label === undefined) return nothing;
  const words = new Set(looked.map((row) => row.labels[label] ?? ''));
  const colors = assignColors(words);
  const known = new Map([...colors].map(([name, color]): [string, LogSource] => [name, { name, color }]));
  const longest = Math.max(...[...words].map((word) => word.length));
  return {
    of: ({ labels }) => {
      const name = labels[label] ?? '';
      return known.get(name) ?? { name, color: 'var(--text-dim)' };
    },
    width: `${Math.min(longest, widest)}ch`,
  };
}
