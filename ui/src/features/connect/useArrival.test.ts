import { describe, expect, it } from 'vitest';
import { stateOf } from '@/features/connect/useArrival';

const since = Date.parse('2026-01-01T00:00:00Z');
const way = { token_id: 't', way: 'POST /x', accepted: 0, refused: 0 };

describe('stateOf', () => {
  it('waits while nothing has come since', () => {
    expect(stateOf([], since)).toEqual({ kind: 'waiting' });
    expect(stateOf([{ ...way, accepted: 3, last: '2025-12-31T23:59:59Z' }], since)).toEqual({ kind: 'waiting' });
  });
  it('says why nothing is stored, by the newest refusal', () => {
    const state = stateOf(
      [
        { ...way, refused: 2, refusal: '400 old', refused_at: '2026-01-01T00:00:01Z' },
        { ...way, way: 'POST /y', refused: 1, refusal: '429 new', refused_at: '2026-01-01T00:00:02Z' },
      ],
      since,
    );
    expect(state).toEqual({ kind: 'refused', requests: 3, refusal: '429 new' });
  });
  it('is arrived as soon as one way stored something, and names a later refusal', () => {
    const arrived = { ...way, accepted: 2, last: '2026-01-01T00:00:05Z' };
    expect(stateOf([arrived, { ...way, way: 'b', refused: 1, refusal: '400 earlier', refused_at: '2026-01-01T00:00:02Z' }], since)).toMatchObject({ kind: 'arrived', requests: 2, refusal: undefined });
    expect(stateOf([arrived, { ...way, way: 'b', refused: 1, refusal: '429 later', refused_at: '2026-01-01T00:00:09Z' }], since)).toMatchObject({ kind: 'arrived', refusal: '429 later' });
  });
});
