/** A first expression that makes sense for a metric: a rate for what only grows, a quantile for buckets. */
export function expressionFor(name: string, type: string | undefined): string {
  if (name.endsWith('_bucket')) return `histogram_quantile(0.95, sum by (le) (rate(${name}[5m])))`;
  if (type === 'counter' || /_(total|count|sum)$/.test(name)) return `rate(${name}[5m])`;
  return name;
}

/** A PromQL or LogQL matcher's value, quoted. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

/** A selector of labels: {a="b", c="d"}. */
export function selector(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
  return `{${pairs.join(', ')}}`;
}
