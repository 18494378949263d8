import { describe, expect, it } from 'vitest';
import type { TraceCondition } from '@/lib/traceqlBuilder';
import { conditionProblem, isTextValue, traceOperators, withField, withOperator } from '@/lib/traceqlTypes';

const condition: TraceCondition = { kind: 'condition', field: 'span.http.route', op: '=~', value: '/a.*', quoted: true };

describe('the types of TraceQL fields', () => {
  it('offer the comparisons that a field takes', () => {
    expect(traceOperators('duration')).not.toContain('=~');
    expect(traceOperators('status')).toEqual(['=', '!=']);
    expect(traceOperators('any')).toHaveLength(8);
  });

  it('tell texts from numbers by the field, by what the server knows, and by how they are written', () => {
    const numbers = [{ type: 'int', value: '200' }];
    const texts = [{ type: 'string', value: '200' }];
    expect(isTextValue('name', '=', '200', [])).toBe(true);
    expect(isTextValue('duration', '>', '1s', [])).toBe(false);
    expect(isTextValue('status', '=', 'error', [])).toBe(false);
    expect(isTextValue('.code', '=', '200', numbers)).toBe(false);
    expect(isTextValue('.code', '=', '200', texts)).toBe(true);
    expect(isTextValue('.code', '=', '404', texts)).toBe(true);
    expect(isTextValue('.code', '=', '404', [])).toBe(false);
    expect(isTextValue('.code', '=~', '404', numbers)).toBe(true);
    expect(isTextValue('.code', '=', 'abc', numbers)).toBe(true);
  });

  it('drop what does not fit another field', () => {
    expect(withField(condition, 'duration')).toEqual({ kind: 'condition', field: 'duration', op: '=', quoted: false });
    expect(withField(condition, 'span.url.path')).toEqual({ ...condition, field: 'span.url.path' });
    expect(withOperator({ ...condition, op: '=', value: '5', quoted: false }, '!~').quoted).toBe(true);
    expect(conditionProblem({ ...condition, field: 'duration', op: '>', value: 'long', quoted: false })).toMatch(/duration/);
    expect(conditionProblem(condition)).toBeUndefined();
  });
});
