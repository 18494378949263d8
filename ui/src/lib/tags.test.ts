import { describe, expect, it } from 'vitest';
import { isJaegerDuration, parseTags } from '@/lib/tags';

describe('parseTags', () => {
  it.each([
    ['', {}],
    ['http.status_code=500 error=true', { 'http.status_code': '500', error: 'true' }],
    ['db.statement="select \\"a b\\"" x=', { 'db.statement': 'select "a b"', x: '' }],
  ])('%s', (text, tags) => {
    expect(parseTags(text)).toEqual({ tags });
  });

  it('names what it cannot read', () => {
    expect(parseTags('a=1 error')).toEqual({ error: 'Not key=value: error' });
    expect(parseTags('a="1')).toHaveProperty('error');
  });
});

describe('isJaegerDuration', () => {
  it.each([['', true], ['100ms', true], ['1.5s', true], ['5', false], ['ms', false]])('%s', (text, valid) => {
    expect(isJaegerDuration(text)).toBe(valid);
  });
});
