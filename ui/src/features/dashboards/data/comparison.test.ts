import { createTheme, type DataFrame, FieldType } from '@grafana/data';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { alignCompared, markCompared } from '@/features/dashboards/data/comparison';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { forgetRanges } from '@/features/dashboards/data/incremental';
import { planQueries } from '@/features/dashboards/data/planQueries';
import { runPlan } from '@/features/dashboards/data/runQueries';
import type { PanelJson } from '@/features/dashboards/model/types';
import { graphOf } from '@/features/dashboards/panels/series';

const hour = 3_600_000;
const datasources: Datasource[] = [{ uid: 'p', name: 'P', type: 'prometheus', dialect: 'prometheus', default: true }];
const context = { dashboard: { title: 'd', panels: [] as PanelJson[] }, datasources, variables: [], range: { from: 100 * hour, to: 101 * hour }, points: 600, scrapeMs: 15_000 };
const plan = (panel: Partial<PanelJson>) => planQueries({ id: 1, targets: [{ refId: 'A', expr: 'up[$__range]' }, { refId: 'B', expr: 'b', timeRangeCompare: false }], ...panel }, context);

afterEach(() => {
  vi.unstubAllGlobals();
  forgetRanges();
});

describe('a time comparison', () => {
  it('asks again over the earlier range, but not the queries that do not want it', () => {
    const { queries, compared, ownRange } = plan({ timeCompare: '1d' });
    expect(queries.map((one) => [one.refId, one.from])).toEqual([['A', 100 * hour], ['B', 100 * hour]]);
    expect(compared?.queries.map((one) => [one.refId, one.from, one.to, one.expr])).toEqual([['A', 76 * hour, 77 * hour, 'up[3600s]']]);
    expect([compared?.diffMs, ownRange]).toEqual([24 * hour, 'compared with 1d before']);
  });

  it('knows the period before, a panel range of its own, and what is off', () => {
    expect(plan({ timeCompare: '__previousPeriod', timeFrom: '30m' }).compared).toMatchObject({ diffMs: hour / 2, queries: [{ from: 100 * hour, to: 100.5 * hour }] });
    expect(plan({ timeCompare: '1w', hideTimeOverride: true }).ownRange).toBeUndefined();
    for (const timeCompare of ['', '__noPeriod', undefined]) expect(plan({ ...(timeCompare === undefined ? {} : { timeCompare }) }).compared).toBeUndefined();
    expect(plan({ timeCompare: 'yesterday' }).problems[0]).toContain('"yesterday" cannot be read');
  });

  it('keeps the picture of now when the earlier range fails', async () => {
    vi.stubGlobal('fetch', (_: string, init?: RequestInit) => {
      const start = Number(new URLSearchParams(String(init?.body)).get('start'));
      if (start < (90 * hour) / 1000) return Promise.resolve(new Response(JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'too old' }), { status: 422 }));
      return Promise.resolve(new Response(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: [{ metric: { a: 'b' }, values: [[(100 * hour) / 1000, '1']] }] } })));
    });
    const { frames, warnings } = await runPlan(plan({ timeCompare: '1d', targets: [{ refId: 'A', expr: 'up' }] }), new AbortController().signal);
    expect(frames.map((frame) => frame.refId)).toEqual(['A']);
    expect(warnings[0]).toContain('The time comparison failed');
  });

  it('draws the earlier series dashed over the same times, in the colour of its partner', () => {
    const theme = createTheme();
    const frame = (host: string, time: number): DataFrame => ({ refId: 'A', length: 1, fields: [{ name: 'Time', type: FieldType.time, config: {}, values: [time] }, { name: 'Value', type: FieldType.number, config: {}, labels: { host }, values: [time] }] });
    const frames = applyFieldConfig([frame('x', 25 * hour), frame('y', 25 * hour), ...markCompared([frame('y', hour), frame('x', hour)], 24 * hour)], undefined, theme, (text) => text);
    const { times, series } = graphOf(alignCompared(frames, theme), theme, undefined);
    expect(times).toEqual([(25 * hour) / 1000]);
    expect(series.map((one) => one.name)).toEqual(['x', 'y', 'y (comparison)', 'x (comparison)']);
    expect(series[2]?.color).toBe(series[1]?.color);
    expect(series[3]?.color).toBe(series[0]?.color);
    expect(series[0]?.color).not.toBe(series[1]?.color);
    expect(series.map((one) => one.style.dash !== undefined)).toEqual([false, false, true, true]);
  });
});
