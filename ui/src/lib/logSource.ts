const names = ['service_name', 'service', 'app', 'application', 'container', 'pod', 'component', 'job', 'unit', 'filename', 'host', 'instance'];

/** The label that best tells a stream in one word: the first of the usual names that rows differ in. */
export function sourceLabel(rows: readonly { labels: Readonly<Record<string, string>> }[]): string | undefined {
  return names.find((name) => new Set(rows.slice(0, 500).map((row) => row.labels[name])).size > 1);
}
