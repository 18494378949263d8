/** A PromQL or LogQL matcher's value, quoted. */
export function quote(value: string): string {
  return JSON.stringify(value);
}

/** A selector of labels: {a="b", c="d"}. */
export function selector(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
  return `{${pairs.join(', ')}}`;
}
