import type { Matcher } from '@/api/alertmanager';
import type { Labels } from '@/api/prometheus';

/** {a="b", c=~"d.*"} as Alertmanager writes matchers. */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return `{${matchers.map(formatMatcher).join(', ')}}`;
}

export function formatMatcher({ name, value, isRegex, isEqual }: Matcher): string {
  const operator = `${isEqual ? '' : '!'}${isRegex ? '~' : ''}`;
  return `${name}${operator === '' ? '=' : operator === '!' ? '!=' : operator === '~' ? '=~' : '!~'}${JSON.stringify(value)}`;
}

const matcher = /^\s*([a-zA-Z_][\w.:-]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,{}"]*)\s*(?:,|$)/;

/** formatMatchers' inverse; undefined when the text is no list of matchers. */
export function parseMatchers(text: string): Matcher[] | undefined {
  let rest = text.trim().replace(/^\{/, '').replace(/\}$/, '').trim();
  const out: Matcher[] = [];
  while (rest !== '') {
    const match = matcher.exec(rest);
    if (match === null) return undefined;
    const [all, name = '', operator = '=', raw = ''] = match;
    const value = raw.startsWith('"') ? unquote(raw) : raw.trim();
    if (value === undefined) return undefined;
    out.push({ name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') });
    rest = rest.slice(all.length).trim();
  }
  return out;
}

function unquote(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

/** Matchers for exactly the alerts with these labels. */
export function exactMatchers(labels: Labels): Matcher[] {
  return Object.entries(labels)
    .sort(([a], [b]) => (a === 'alertname' ? -1 : b === 'alertname' ? 1 : a.localeCompare(b)))
    .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
}

/** Whether labels fulfil all matchers; a label that is missing is empty, and regular expressions match the whole value. */
export function matchesLabels(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every(({ name, value, isRegex, isEqual }) => {
    const actual = labels[name] ?? '';
    const same = isRegex ? regexMatches(value, actual) : actual === value;
    return same === isEqual;
  });
}

function regexMatches(pattern: string, text: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 's').test(text);
  } catch {
    return false;
  }
}

/** Why Alertmanager would refuse the matchers; undefined when it would not. */
export function matcherProblem(matchers: readonly Matcher[]): string | undefined {
  if (matchers.length === 0) return 'Name at least one label';
  for (const one of matchers) {
    if (!/^[a-zA-Z_][\w.:-]*$/.test(one.name)) return one.name === '' ? 'A matcher has no label' : `"${one.name}" is no label name`;
    if (one.isRegex) {
      try {
        new RegExp(one.value);
      } catch {
        return `${one.value} is no regular expression`;
      }
    }
  }
  if (!matchers.some((one) => one.isEqual && one.value !== '' && !(one.isRegex && regexMatches(one.value, '')))) {
    return 'At least one matcher must not match the empty value';
  }
  return undefined;
}
