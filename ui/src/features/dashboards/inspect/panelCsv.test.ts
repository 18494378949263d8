import { createTheme, type DataFrame, FieldType, getDisplayProcessor, toDataFrame } from '@grafana/data';
import { afterEach, describe, expect, it } from 'vitest';
import { offerCsv, panelCsv } from '@/features/dashboards/inspect/panelCsv';

function series(name: string, values: (number | null)[], custom: object = {}, times = [1000, 2000]): DataFrame {
  const frame = toDataFrame({ fields: [{ name: 'Time', type: FieldType.time, values: times }, { name: 'Value', type: FieldType.number, values, config: { displayName: name, unit: 'bytes', decimals: 1, custom } }] });
  for (const field of frame.fields) field.display = getDisplayProcessor({ field, theme: createTheme() });
  return frame;
}

describe('a panel’s data as a table', () => {
  it('joins series by their times, under the names that the panel gives', () => {
    expect(panelCsv([series('a', [1, 2048]), series('=b', [3, null])], false)).toBe("Time,a,'=b\r\n1970-01-01T00:00:01.000Z,1,3\r\n1970-01-01T00:00:02.000Z,2048,\r\n");
    expect(panelCsv([series('a', [1, 2048])], true)).toMatch(/,2\.0 KiB\r\n$/);
  });

  it('leaves out what the panel hides', () => {
    expect(panelCsv([series('a', [1, 2]), series('b', [3, 4], { hideFrom: { viz: true } })], false).split('\r\n')[0]).toBe('Time,a');
    const table = toDataFrame({ fields: [{ name: 'host', type: FieldType.string, values: ['x'] }, { name: 'secret', type: FieldType.string, values: ['y'], config: { custom: { hidden: true } } }] });
    expect(panelCsv([table], false)).toBe('host\r\nx\r\n');
  });
});

describe('a page’s data as a table', () => {
  const ends: (() => void)[] = [];
  afterEach(() => ends.splice(0).forEach((end) => end()));
  const offer = (key: string, title: string, top: number, frames: DataFrame[]) => ends.push(offerCsv(key, { title, frames, element: () => ({ getBoundingClientRect: () => ({ top, left: 0 }) }) as Element }));

  it('has the panels in their order under their titles, and one alone without', () => {
    offer('2', 'Second', 300, [series('b', [3, 4])]);
    expect(window.pharosPanelCsv?.(false)).toMatch(/^Time,b\r\n/);
    offer('1', 'First, "quoted"', 10, [series('a', [1, 2])]);
    offer('3', 'Empty', 400, []);
    expect(window.pharosPanelCsv?.(false).split('\r\n').filter((line) => !/^19/.test(line))).toEqual(['"# First, ""quoted"""', 'Time,a', '', '# Second', 'Time,b', '']);
    ends.pop()?.();
    ends.pop()?.();
    expect(window.pharosPanelCsv?.(false)).toMatch(/^Time,b\r\n/);
  });
});
