import { describe, expect, it } from 'vitest';
import { fieldsOf, logfmtOf, messageOf, traceIdOf } from '@/lib/logFields';

const row = (line: string, more: object = {}) => ({ line, labels: {}, metadata: {}, parsed: {}, ...more });
const id = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

describe('fieldsOf', () => {
  it('names JSON fields as LogQL’s json stage does, without arrays and nulls', () => {
    const fields = fieldsOf(row('{"msg":"a","http":{"status-code":500,"headers":["x"]},"user":null,"1st":true}'));
    expect(fields).toEqual([
      { name: 'msg', value: 'a', source: 'json' },
      { name: 'http_status_code', value: '500', source: 'json' },
      { name: '_1st', value: 'true', source: 'json' },
    ]);
  });

  it('lists a name once, from where it is strongest', () => {
    const fields = fieldsOf(row('{"level":"info"}', { labels: { level: 'INFO' }, metadata: { user: '7' } }));
    expect(fields).toEqual([
      { name: 'level', value: 'INFO', source: 'label' },
      { name: 'user', value: '7', source: 'metadata' },
    ]);
  });
});

describe('logfmtOf', () => {
  it('reads pairs and quoted values', () => {
    expect(logfmtOf('level=info msg="a \\"b\\" c" took=3ms')).toEqual([['level', 'info'], ['msg', 'a "b" c'], ['took', '3ms']]);
  });

  it('does not take prose for logfmt', () => {
    expect(logfmtOf('retrying, attempt=3 failed')).toEqual([]);
  });
});

describe('traceIdOf', () => {
  it('finds the id in metadata, fields and lines', () => {
    expect(traceIdOf(row('x', { metadata: { trace_id: id.toUpperCase() } }))).toBe(id);
    expect(traceIdOf(row(`{"trace_id":"${id}"}`))).toBe(id);
    expect(traceIdOf(row(`level=info traceID=${id} msg=x`))).toBe(id);
  });

  it('refuses what is no id', () => {
    expect(traceIdOf(row('x', { metadata: { trace_id: '0'.repeat(32) } }))).toBeUndefined();
    expect(traceIdOf(row('trace_id=none'))).toBeUndefined();
  });
});

describe('messageOf', () => {
  it('is a JSON line’s message, or the line', () => {
    expect(messageOf('{"level":"info","message":"hello"}')).toBe('hello');
    expect(messageOf('{"level":"info"}')).toBe('{"level":"info"}');
    expect(messageOf('{not json')).toBe('{not json');
  });
});
