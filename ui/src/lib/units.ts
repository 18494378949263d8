/** Units of a value axis, named as Grafana names them where both have one. */
export type Unit = 'short' | 'percent' | 'percentunit' | 'bytes' | 'Bps' | 's' | 'ms' | 'ns' | 'ops' | 'dateTime' | 'bool';

const decimalSuffixes = ['', 'K', 'M', 'G', 'T', 'P'];
const binarySuffixes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function trim(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

function scaled(value: number, base: number, suffixes: readonly string[], digits: number, gap: string): string {
  let rest = value;
  let index = 0;
  while (Math.abs(rest) >= base && index < suffixes.length - 1) {
    rest /= base;
    index++;
  }
  // 999.95 rounds up to 1000 of its suffix: take the next one.
  if (Math.abs(Number(rest.toPrecision(digits))) >= base && index < suffixes.length - 1) {
    rest /= base;
    index++;
  }
  const suffix = suffixes[index] ?? '';
  return suffix === '' ? trim(rest, digits) : `${trim(rest, digits)}${gap}${suffix}`;
}

function seconds(value: number, digits: number): string {
  const abs = Math.abs(value);
  if (abs === 0) return '0 s';
  if (abs < 1e-6) return `${trim(value * 1e9, digits)} ns`;
  if (abs < 1e-3) return `${trim(value * 1e6, digits)} µs`;
  if (abs < 1) return `${trim(value * 1e3, digits)} ms`;
  if (abs < 120) return `${trim(value, digits)} s`;
  if (abs < 7200) return `${trim(value / 60, digits)} min`;
  if (abs < 172_800) return `${trim(value / 3600, digits)} h`;
  return `${trim(value / 86_400, digits)} d`;
}

/** A value with its unit, for people; digits significant figures. NaN and infinities keep their names. */
export function formatValue(value: number, unit: Unit = 'short', digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  switch (unit) {
    case 'percent':
      return `${trim(value, digits)} %`;
    case 'percentunit':
      return `${trim(value * 100, digits)} %`;
    case 'bytes':
      return scaled(value, 1024, binarySuffixes, digits, ' ');
    case 'Bps':
      return `${scaled(value, 1024, binarySuffixes, digits, ' ')}/s`;
    case 's':
      return seconds(value, digits);
    case 'ms':
      return seconds(value / 1e3, digits);
    case 'ns':
      return seconds(value / 1e9, digits);
    case 'ops':
      return `${scaled(value, 1000, decimalSuffixes, digits, ' ')}/s`;
    case 'bool':
      return value === 0 ? 'no' : 'yes';
    case 'dateTime':
      return new Date(value).toISOString();
    case 'short':
      if (value !== 0 && Math.abs(value) < 1e-4) return value.toExponential(2);
      return scaled(value, 1000, decimalSuffixes, digits, ' ');
  }
}

/** The unit that a PromQL or LogQL expression's result most likely has; 'short' when nothing tells. */
export function guessUnit(query: string): Unit {
  const text = query.toLowerCase();
  if (/\b(bytes_rate|bytes_over_time)\b/.test(text)) return text.includes('bytes_rate') ? 'Bps' : 'bytes';
  const perSecond = /\b(rate|irate|deriv)\s*\(/.test(text);
  const isQuotient = /\)\s*\/\s*(on\b|ignoring\b|sum|count|rate|\(|[a-z_:]+)/.test(text);
  if (/histogram_(quantile|avg)/.test(text)) return /_seconds/.test(text) ? 's' : /_bytes/.test(text) ? 'bytes' : 'short';
  if (/_seconds_sum.*\/.*_seconds_count/s.test(text)) return 's';
  if (/(_ratio|utilization|_inpoolusage)\b/.test(text) || isQuotient) return 'percentunit';
  if (/_bytes(_total)?\b/.test(text)) return perSecond ? 'Bps' : 'bytes';
  if (/_timestamp_seconds\b/.test(text)) return 'short';
  if (/_seconds(_sum|_total)?\b/.test(text)) return perSecond ? 'short' : 's';
  return perSecond ? 'ops' : 'short';
}
