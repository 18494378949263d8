import type { DashboardSummary } from '@/api/dashboards';
import type { PageDefinition } from '@/app/pages';
import { exploreLogs, exploreMetrics, exploreTrace, exploreTraces, type Place } from '@/lib/links';

export type CommandGroup = 'Ask' | 'Go to' | 'Dashboards' | 'Services' | 'Metrics' | 'Create' | 'Do';

/** One thing that the palette can do: go somewhere, or act. */
export interface Command {
  id: string;
  group: CommandGroup;
  label: string;
  /** Beside the label: where it leads, which keys do the same. */
  hint?: string;
  /** Other words by which it is found. */
  words?: string;
  run: { kind: 'go'; place: Place } | { kind: 'press'; shortcut: string } | { kind: 'theme' } | { kind: 'help' };
}

const go = (to: string, search: Place['search'] = {}): Command['run'] => ({ kind: 'go', place: { to, search } });

export function pageCommands(pages: readonly PageDefinition[]): Command[] {
  return pages.map((page) => ({ id: `page ${page.path}`, group: 'Go to', label: page.label, hint: `g ${page.key}`, run: go(page.path) }));
}

/** Places inside of pages, and what can be made or done from anywhere. */
export function fixedCommands(): Command[] {
  return [
    { id: 'explore metrics', group: 'Go to', label: 'Explore metrics', words: 'promql query graph', run: go('/explore', { tab: 'metrics' }) },
    { id: 'explore logs', group: 'Go to', label: 'Explore logs', words: 'logql query lines search', run: go('/explore', { tab: 'logs' }) },
    { id: 'explore traces', group: 'Go to', label: 'Explore traces', words: 'traceql spans jaeger', run: go('/explore', { tab: 'traces' }) },
    { id: 'silences', group: 'Go to', label: 'Silences', words: 'alerts mute', run: go('/alerts', { tab: 'silences' }) },
    { id: 'rules', group: 'Go to', label: 'Alert rules', words: 'recording prometheus', run: go('/alerts', { tab: 'rules' }) },
    { id: 'pipelines', group: 'Go to', label: 'Pipelines', words: 'logstash promtail stages settings', run: go('/settings', { tab: 'pipelines' }) },
    { id: 'redaction', group: 'Go to', label: 'Redaction', words: 'privacy mask secrets settings', run: go('/settings', { tab: 'redaction' }) },
    { id: 'new dashboard', group: 'Create', label: 'New dashboard', run: go('/dashboards/new') },
    { id: 'new token', group: 'Create', label: 'API token', words: 'key credential access', run: go('/settings', { tab: 'access' }) },
    { id: 'connect', group: 'Create', label: 'Connect a sender', words: 'get data in prometheus promtail otel agent', run: go('/connect') },
    { id: 'refresh', group: 'Do', label: 'Refresh', hint: 'r', words: 'run query reload', run: { kind: 'press', shortcut: 'refresh' } },
    { id: 'time', group: 'Do', label: 'Choose a time range', hint: 't', run: { kind: 'press', shortcut: 'time-range' } },
    { id: 'theme', group: 'Do', label: 'Switch the theme', words: 'dark light colours', run: { kind: 'theme' } },
    { id: 'help', group: 'Do', label: 'Keyboard shortcuts', hint: '?', run: { kind: 'help' } },
  ];
}

export function dashboardCommands(dashboards: readonly DashboardSummary[]): Command[] {
  return dashboards.map((one) => ({
    id: `dashboard ${one.uid}`,
    group: 'Dashboards',
    label: one.title,
    ...(one.folder.title === '' ? {} : { hint: one.folder.title }),
    words: one.tags.join(' '),
    run: go(`/dashboards/${encodeURIComponent(one.uid)}`),
  }));
}

export function serviceCommands(services: readonly string[]): Command[] {
  return services.flatMap((name) => [
    { id: `logs ${name}`, group: 'Services' as const, label: name, hint: 'logs', run: { kind: 'go' as const, place: exploreLogs(`{service_name=${JSON.stringify(name)}}`) } },
    { id: `traces ${name}`, group: 'Services' as const, label: name, hint: 'traces', run: { kind: 'go' as const, place: exploreTraces(name) } },
  ]);
}

const traceId = /^[0-9a-f]{16}(?:[0-9a-f]{16})?$/i;

/** What the text itself can mean: a trace's id, a metric's name, words in log lines. */
export function askCommands(text: string): Command[] {
  const asked = text.trim();
  if (asked.length < 2) return [];
  const commands: Command[] = [];
  if (traceId.test(asked)) commands.push({ id: 'ask trace', group: 'Ask', label: `Open the trace ${asked.toLowerCase()}`, run: { kind: 'go', place: exploreTrace(asked.toLowerCase()) } });
  commands.push({ id: 'ask logs', group: 'Ask', label: `Search all logs for “${asked}”`, run: { kind: 'go', place: exploreLogs(`{service_name=~".+"} |= ${JSON.stringify(asked)}`) } });
  return commands;
}

export function metricCommands(names: readonly string[]): Command[] {
  return names.map((name) => ({ id: `metric ${name}`, group: 'Metrics', label: name, run: { kind: 'go', place: exploreMetrics([name]) } }));
}

const groups: readonly CommandGroup[] = ['Go to', 'Dashboards', 'Services', 'Metrics', 'Create', 'Do', 'Ask'];
const perGroup: Record<CommandGroup, number> = { 'Go to': 8, Dashboards: 8, Services: 6, Metrics: 6, Create: 4, Do: 4, Ask: 2 };

/** The commands that every word of the text is found in, best first in each group; without a text, those that need none. */
export function findCommands(all: readonly Command[], text: string): { group: CommandGroup; commands: Command[] }[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = all.flatMap((command) => {
    const score = scoreOf(command, words);
    return score === undefined ? [] : [{ command, score }];
  });
  return groups.flatMap((group) => {
    if (words.length === 0 && (group === 'Services' || group === 'Metrics')) return [];
    const commands = scored
      .filter(({ command }) => command.group === group)
      .sort((a, b) => b.score - a.score || a.command.label.length - b.command.label.length)
      .slice(0, perGroup[group])
      .map(({ command }) => command);
    return commands.length === 0 ? [] : [{ group, commands }];
  });
}

/** Higher is better: at a label's beginning, at a word's, inside, in other words. Undefined is not found. */
function scoreOf(command: Command, words: readonly string[]): number | undefined {
  if (command.group === 'Ask') return 0;
  const label = command.label.toLowerCase();
  const rest = `${command.hint ?? ''} ${command.words ?? ''}`.toLowerCase();
  let score = 0;
  for (const word of words) {
    const at = label.indexOf(word);
    if (at === 0) score += 4;
    else if (at > 0 && /[^a-z0-9]/.test(label[at - 1] ?? '')) score += 3;
    else if (at > 0) score += 2;
    else if (rest.includes(word)) score += 1;
    else return undefined;
  }
  return score;
}
