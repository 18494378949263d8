/** Log levels from the worst; the order in which histograms stack and filters list them. */
export const levels = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'unknown'] as const;
export type Level = (typeof levels)[number];

const aliases: Record<string, Level> = {
  emerg: 'critical', emergency: 'critical', alert: 'critical', crit: 'critical', critical: 'critical',
  fatal: 'critical', panic: 'critical', dpanic: 'critical',
  err: 'error', eror: 'error', error: 'error', severe: 'error',
  warn: 'warn', warning: 'warn', wrn: 'warn',
  info: 'info', inf: 'info', information: 'info', informational: 'info', notice: 'info', log: 'info',
  debug: 'debug', dbg: 'debug', fine: 'debug',
  trace: 'trace', trc: 'trace', verbose: 'trace', finest: 'trace',
};

/** The level that a name stands for in any of the usual spellings, 'unknown' otherwise. */
export function normaliseLevel(name: string | undefined): Level {
  if (name === undefined) return 'unknown';
  return aliases[name.trim().toLowerCase()] ?? 'unknown';
}

const levelKeys = ['level', 'detected_level', 'severity', 'severity_text', 'lvl', 'loglevel', 'log_level'];
const inLine = /(?:^|[\s"'[{(<=:,])(emerg|fatal|panic|critical|crit|error|err|warning|warn|info|notice|debug|trace)(?=$|[\s"'\]})>:,])/i;

/** The level of a log row: from its labels and fields, then from the line's beginning. */
export function levelOf(labels: Readonly<Record<string, string>>, line: string): Level {
  for (const key of levelKeys) {
    const level = normaliseLevel(labels[key]);
    if (level !== 'unknown') return level;
  }
  const head = line.length > 400 ? line.slice(0, 400) : line;
  const keyed = /"?(?:level|severity|lvl)"?\s*[:=]\s*"?([a-zA-Z]+)/i.exec(head);
  if (keyed) return normaliseLevel(keyed[1]);
  return normaliseLevel(inLine.exec(head)?.[1]);
}

/** The CSS colour of a level, the same in text, bars and histograms. */
export function levelColor(level: Level): string {
  return `var(--level-${level})`;
}
