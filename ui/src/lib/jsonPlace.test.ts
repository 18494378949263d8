import { describe, expect, it } from 'vitest';
import { placeInJson } from '@/lib/jsonPlace';

const text = `{
  "title": "a \\"b\\" {",
  "panels": [
    {"id": 1, "gridPos": {"x": 0}},
    { "id": "two",
      "targets": {} }
  ],
  "z": [[], [1, -2.5e3, null]]
}`;

describe('the place of a value', () => {
  it('is its line and column', () => {
    expect(placeInJson(text, [])).toEqual({ line: 1, column: 1 });
    expect(placeInJson(text, ['title'])).toEqual({ line: 2, column: 12 });
    expect(placeInJson(text, ['panels', 1])).toEqual({ line: 5, column: 5 });
    expect(placeInJson(text, ['panels', 1, 'id'])).toEqual({ line: 5, column: 13 });
    expect(placeInJson(text, ['panels', 1, 'targets'])).toEqual({ line: 6, column: 18 });
    expect(placeInJson(text, ['z', 1, 2])).toEqual({ line: 8, column: 25 });
  });

  it('is that of what holds it when it is missing', () => {
    expect(placeInJson(text, ['panels', 0, 'targets', 3])).toEqual({ line: 4, column: 5 });
    expect(placeInJson(text, ['panels', 7])).toEqual({ line: 3, column: 13 });
    expect(placeInJson('7', ['x'])).toEqual({ line: 1, column: 1 });
  });
});
