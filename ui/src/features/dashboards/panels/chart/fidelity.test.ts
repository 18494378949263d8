import { createTheme, type Field, FieldType, getDisplayProcessor } from '@grafana/data';
import type uPlot from 'uplot';
import { describe, expect, it } from 'vitest';
import { csvFrame } from '@/features/dashboards/data/testdata/csv';
import { symlogSplits } from '@/features/dashboards/panels/chart/axes';
import { labelled } from '@/features/dashboards/panels/chart/barLayout';
import { drawPointValues } from '@/features/dashboards/panels/chart/pointValues';
import { xySeries } from '@/features/dashboards/panels/chart/xy';
import { graphOf } from '@/features/dashboards/panels/series';
import { columnsOf, layoutColumns } from '@/features/dashboards/panels/table/columns';
import { footerHeight } from '@/features/dashboards/panels/table/footer';

const theme = createTheme();

describe('labels of categories', () => {
  it('keeps the spacing that the panel asks for, from the first or from the last', () => {
    expect(labelled(8, 400, 50, 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(labelled(8, 400, 50, 100)).toEqual([0, 2, 4, 6]);
    expect(labelled(8, 400, 50, -100)).toEqual([1, 3, 5, 7]);
    expect(labelled(8, 400, 50, -150)).toEqual([1, 4, 7]);
    expect(labelled(0, 400, 50, -150)).toEqual([]);
  });
});

describe('symlogSplits', () => {
  const at = (height: number, low: number, high: number, base = 10, threshold = 1) =>
    (symlogSplits(base, threshold).splits as (plot: unknown, axis: number, min: number, max: number) => number[])({ axes: [{ side: 3 }], height, width: 500 }, 0, low, high);

  it('has powers on both sides of zero where there is room', () => {
    expect(at(400, -100, 1000)).toEqual([-100, -10, -1, 0, 1, 10, 100, 1000]);
    expect(at(400, 0, 100, 10, 10)).toEqual([0, 10, 100]);
    expect(at(400, 5, 200)).toEqual([10, 100]);
  });

  it('leaves out powers, never zero, in a low panel', () => {
    expect(at(110, -1000, 100_000)).toEqual([-100, 0, 100, 100_000]);
    expect(at(110, -1e12, 1e12).length).toBeLessThan(8);
    expect(at(110, -1e12, 1e12)).toContain(0);
  });
});

describe('a graph of true and false', () => {
  it('is stepped between the two', () => {
    const on: Field = { name: 'on', type: FieldType.boolean, config: {}, values: [true, false, true] };
    const { series } = graphOf([{ length: 3, fields: [{ name: 'Time', type: FieldType.time, config: {}, values: [1000, 2000, 3000] }, on] }], theme, undefined);
    expect(series[0]?.name).toBe('on');
    expect(series[0]?.values).toEqual([1, 0, 1]);
    expect(series[0]?.style.interpolation).toBe('stepAfter');
    expect(series[0]?.field.config).toMatchObject({ min: 0, max: 1 });
  });
});

describe('values beside points', () => {
  function written(show: boolean, times: number[], values: number[], spread: number): string[] {
    const field: Field = { name: 'v', type: FieldType.number, config: { unit: 'percent', custom: { showValues: show } }, values };
    field.display = getDisplayProcessor({ field, theme });
    const graph = graphOf([{ length: values.length, fields: [{ name: 'Time', type: FieldType.time, config: {}, values: times.map((one) => one * 1000) }, field] }], theme, undefined);
    const texts: string[] = [];
    const ctx = { save: () => undefined, restore: () => undefined, measureText: (text: string) => ({ width: text.length * 7 }), fillText: (text: string) => texts.push(text) };
    const plot = { ctx, bbox: { left: 0, top: 0, width: 600, height: 200 }, series: [{ idxs: [0, values.length - 1] }, { scale: 'y' }], valToPos: (value: number, scale: string) => (scale === 'x' ? value * spread : 200 - value) };
    drawPointValues(plot as unknown as uPlot, graph);
    return texts;
  }

  it('writes them with their unit, only where asked and where there is room', () => {
    expect(written(true, [1, 2, 3], [10, 20, 30], 100)).toEqual(['10%', '20%', '30%']);
    expect(written(false, [1, 2, 3], [10, 20, 30], 100)).toEqual([]);
    expect(written(true, [1, 2, 3, 4], [10, 10, 10, 10], 16)).toEqual(['10%', '10%']);
  });
});

describe('an XY chart', () => {
  it('colours by the range of the field that gives the colour', () => {
    const frame = csvFrame('A', 'x,y,kind\n1,1000,1\n2,2000,3', undefined);
    for (const field of frame.fields) {
      field.config = { color: { mode: 'continuous-GrYlRd' } };
      field.state = { range: { min: 1, max: 2000, delta: 1999 } };
      field.display = getDisplayProcessor({ field, theme });
    }
    const by = (name: string) => ({ matcher: { id: 'byName', options: name } });
    const [series] = xySeries([frame], { mapping: 'manual', series: [{ x: by('x'), y: by('y'), color: by('kind') }] }, theme);
    const lowest = frame.fields[2]?.display?.(1).color;
    const highest = frame.fields[2]?.display?.(2000).color;
    expect(series?.points.map((point) => point.color)).toEqual([lowest, highest]);
    expect(lowest).not.toBe(highest);
  });
});

describe('numbers of CSV', () => {
  it('may be no number or without end', () => {
    const [a, b] = csvFrame('A', 'a,b\nNaN,x\n-inf,NaN\n1,y', undefined).fields;
    expect([a?.type, a?.values]).toEqual([FieldType.number, [Number.NaN, -Infinity, 1]]);
    expect(b?.type).toBe(FieldType.string);
  });
});

describe('tables', () => {
  it('give each value of a footer a line', () => {
    expect(footerHeight(undefined)).toBe(0);
    expect(footerHeight([[], [{ label: 'Mean', text: '1' }]])).toBe(28);
    expect(footerHeight([[{ label: 'Mean', text: '1' }, { label: 'Max', text: '2' }, { label: 'Min', text: '0' }], []])).toBe(68);
  });

  it('make room for the titles of links, not for their addresses', () => {
    const frame = csvFrame('A', 'url\n/a', undefined);
    const plain = layoutColumns(columnsOf(frame, [frame]), 10)[0] ?? 0;
    const [field] = frame.fields;
    if (field !== undefined) field.config = { custom: { cellOptions: { type: 'data-links' } }, links: [{ title: 'Open the page of it', url: '/x' }] };
    expect(layoutColumns(columnsOf(frame, [frame]), 10)[0]).toBeGreaterThan(plain);
  });
});
