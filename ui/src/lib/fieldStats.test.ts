import { expect, it } from 'vitest';
import { fieldStats, fieldValue, typeOf } from '@/lib/fieldStats';

const row = (line: string, labels: Record<string, string> = {}, metadata: Record<string, string> = {}) => ({ line, labels, metadata, parsed: {} });

it('counts fields and their values', () => {
  const stats = fieldStats([
    row('{"status":200,"took":"5ms"}', { app: 'web' }, { user: 'a' }),
    row('{"status":500}', { app: 'web' }),
    row('status=200 path=/x', { app: 'api' }),
  ]);
  expect(stats.map(({ name, source, type, rows, distinct }) => [name, source, type, rows, distinct])).toEqual([
    ['app', 'label', 'text', 3, 2],
    ['user', 'metadata', 'text', 1, 1],
    ['status', 'json', 'number', 3, 2],
    ['path', 'logfmt', 'text', 1, 1],
    ['took', 'json', 'duration', 1, 1],
  ]);
  expect(stats[0]?.top).toEqual([{ value: 'web', count: 2 }, { value: 'api', count: 1 }]);
});

it('tells types', () => {
  expect(['1', '-1.5e3', 'true', '1h2m', '10MB', '2026-01-02T03:04', 'x', ''].map(typeOf)).toEqual(['number', 'number', 'boolean', 'duration', 'bytes', 'time', 'text', 'text']);
});

it('finds a row’s value wherever it is', () => {
  expect(fieldValue(row('{"a":{"b":1}}', { app: 'x' }), 'a_b')).toBe('1');
  expect(fieldValue(row('{}', { app: 'x' }), 'app')).toBe('x');
  expect(fieldValue(row('text'), 'app')).toBeUndefined();
});
