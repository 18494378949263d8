import { describe, expect, it } from 'vitest';
import { askCommands, type Command, findCommands, fixedCommands, metricCommands, serviceCommands } from '@/app/shell/palette/commands';

const labels = (found: ReturnType<typeof findCommands>) => found.flatMap(({ commands }) => commands.map((one) => one.label));

describe('findCommands', () => {
  const all: Command[] = [...fixedCommands(), ...serviceCommands(['query-api', 'api']), ...metricCommands(['up'])];
  it('finds by every word, in labels before other words', () => {
    expect(labels(findCommands(all, 'logs explore'))).toEqual(['Explore logs']);
    expect(labels(findCommands(all, 'dark'))).toEqual(['Switch the theme']);
    expect(labels(findCommands(all, 'api')).slice(0, 2)).toEqual(['api', 'api']);
    expect(findCommands(all, 'no such thing')).toEqual([]);
  });
  it('without a text shows what needs none', () => {
    const groups = findCommands(all, '').map(({ group }) => group);
    expect(groups).toEqual(['Go to', 'Create', 'Do']);
  });
});

describe('askCommands', () => {
  it('opens a trace by its id and searches logs for words, quoted', () => {
    expect(askCommands('4BF92F3577B34DA6A3CE929D0E0E4736').map((one) => one.id)).toEqual(['ask trace', 'ask logs']);
    expect(askCommands('say "hi"')[0]?.run).toEqual({ kind: 'go', place: { to: '/explore', search: { tab: 'logs', logql: '{service_name=~".+"} |= "say \\"hi\\""' } } });
    expect(askCommands(' x ')).toEqual([]);
  });
});
