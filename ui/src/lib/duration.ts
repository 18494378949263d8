const unitMs: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Milliseconds of a Prometheus duration ("1h30m", "500ms"), or undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(\d+(ms|[smhdwy]))+$/.test(trimmed)) return undefined;
  let total = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    total += Number(count) * (unitMs[unit ?? ''] ?? 0);
  }
  return total;
}

/** The shortest exact Prometheus duration of a whole number of milliseconds: 5400000 -> "1h30m". */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest <= 0) return '0s';
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const size = unitMs[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count === 0) continue;
    text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** A duration for people, three significant digits, from microseconds: 1234 -> "1.23 ms". */
export function formatMicros(us: number): string {
  const abs = Math.abs(us);
  if (abs < 1) return us === 0 ? '0 µs' : `${Math.round(us * 1000)} ns`;
  if (abs < 1_000) return `${significant(us)} µs`;
  if (abs < 1_000_000) return `${significant(us / 1_000)} ms`;
  if (abs < 60_000_000) return `${significant(us / 1_000_000)} s`;
  const minutes = Math.floor(us / 60_000_000);
  const seconds = Math.round((us - minutes * 60_000_000) / 1_000_000);
  return seconds === 60 ? `${minutes + 1} min 0 s` : `${minutes} min ${seconds} s`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
