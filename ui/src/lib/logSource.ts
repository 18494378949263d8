const names = ['service_name', 'service', 'app', 'application', 'container', 'pod', 'component', 'job', 'unit', 'filename', 'host', 'instance'];

/** The label that best tells a stream in one word: the first of the usual names that rows differ in. */
export function sourceLabel(rows: readonly { labels: Readonly<Record<string, string>> }[]): string | undefined {
  return names.find((name) => new Set(rows.slice(0, 500).map((row) => row.labels[name])).size > 1);
}

const widest = 24;

/** The width that a column of these streams' words needs, as a CSS length. */
export function sourceWidth(rows: readonly { labels: Readonly<Record<string, string>> }[], label: string | undefined): string {
  if (label === undefined) return '0';
  const longest = rows.slice(-500).reduce((max, row) => Math.max(max, row.labels[label]?.length ?? 0), 0);
  return `${Math.min(longest, widest)}ch`;
}
