import { expect, it } from 'vitest';
import type { LogRow } from '@/api/loki';
import { groupErrors, readLine } from '@/features/overview/errorGroups';

const row = (line: string, service_name: string, ms: number): LogRow => ({ key: String(ms), ms, line, labels: { service_name }, metadata: {} }) as unknown as LogRow;

it('joins lines of a service that differ in numbers and identifiers only, newest first', () => {
  const groups = groupErrors([
    row('{"message":"order 17 failed","error":"timeout"}', 'shop', 30),
    row('GET /a 500', 'web', 25),
    row('{"message":"order 4 failed","error":"timeout"}', 'shop', 20),
    row('{"message":"order 4 failed","error":"refused"}', 'shop', 10),
  ]);
  expect(groups.map(({ service, message, cause, count, last }) => [service, message, cause, count, last.ms])).toEqual([
    ['shop', 'order 17 failed', 'timeout', 2, 30],
    ['web', 'GET /a 500', '', 1, 25],
    ['shop', 'order 4 failed', 'refused', 1, 10],
  ]);
});

it('reads a JSON line by its message and cause, any other line as it is', () => {
  expect(readLine({ line: '{"msg":"no","err":"why"}', labels: { app: 'a' } })).toEqual({ service: 'a', message: 'no', cause: 'why' });
  expect(readLine({ line: 'plain', labels: {} })).toEqual({ service: undefined, message: 'plain', cause: '' });
});
