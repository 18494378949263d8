import { createDataFrame, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { fileName, frameToCsv } from '@/features/dashboards/inspect/csv';

const csv = (values: unknown[], type = FieldType.string): string[] => {
  const frame = createDataFrame({ fields: [{ name: 'a', type, values }] });
  return frameToCsv(frame, [frame], false).split('\r\n').slice(1, -1);
};

describe('frameToCsv', () => {
  it('quotes what would break a row, and writes times and numbers plainly', () => {
    expect(csv(['plain', 'a,b', 'say "x"', null])).toEqual(['plain', '"a,b"', '"say ""x"""', '']);
    expect(csv(['two\nlines'])).toEqual(['"two\nlines"']);
    expect(csv([0], FieldType.time)).toEqual(['1970-01-01T00:00:00.000Z']);
    expect(csv([-1.5], FieldType.number)).toEqual(['-1.5']);
  });

  it('leaves nothing that a spreadsheet would calculate', () => {
    expect(csv(['=1+1', '@SUM(A1)', '+cmd|x', '-2+3|y', '\tx'])).toEqual(["'=1+1", "'@SUM(A1)", "'+cmd|x", "'-2+3|y", "'\tx"]);
    expect(csv(['-12 ms', '+3.5 %'])).toEqual(['-12 ms', '+3.5 %']);
  });

  it('ends at once on what would hold up a careless pattern', () => {
    const started = performance.now();
    csv([`-1${'a '.repeat(20_000)}!`]);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('fileName', () => {
  it('is plain', () => {
    expect(fileName('CPU / Usage (%)', 'csv')).toBe('cpu-usage.csv');
    expect(fileName('../../etc', 'csv')).toBe('etc.csv');
    expect(fileName('', 'json')).toBe('panel.json');
  });
});
