import { createTheme } from '@grafana/data';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Datasource } from '@/api/dashboards';
import { applyFieldConfig } from '@/features/dashboards/data/fieldConfig';
import { forgetRanges } from '@/features/dashboards/data/incremental';
import { planQueries } from '@/features/dashboards/data/planQueries';
import { runPlan } from '@/features/dashboards/data/runQueries';
import type { PanelJson, TargetJson } from '@/features/dashboards/model/types';
import { histogramOf } from '@/features/dashboards/panels/chart/histogram';

const datasources: Datasource[] = [{ uid: 'p', name: 'P', type: 'prometheus', dialect: 'prometheus', default: true }];
const context = { dashboard: { title: 'd', panels: [] as PanelJson[] }, datasources, variables: [], range: { from: 0, to: 3_600_000 }, points: 600, scrapeMs: 15_000 };
const bucket = (low: string, high: string, count: string) => [0, low, high, count];
const native = (sum: string, ...buckets: unknown[]) => ({ count: '4', sum, buckets });
const result = [{ metric: { job: 'a' }, values: [[90, '7']], histograms: [[60, native('8', bucket('1', '2', '3'), bucket('2', '4', '1'))], [120, native('12', bucket('2', '4', '4'))]] }];

async function ask(type: string, target: Partial<TargetJson> = {}) {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }))));
  return runPlan(planQueries({ id: 1, type, targets: [{ refId: 'A', expr: 'h', ...target }] }, context), new AbortController().signal);
}

afterEach(() => {
  vi.unstubAllGlobals();
  forgetRanges();
});

describe('native histograms', () => {
  it('are a histogram, summed over time', async () => {
    const { frames, warnings } = await ask('histogram');
    expect(warnings).toEqual([]);
    const theme = createTheme();
    const histogram = histogramOf(applyFieldConfig(frames, undefined, theme, (text) => text), { bucketSize: undefined, bucketCount: undefined, bucketOffset: undefined, combine: false });
    expect(histogram?.bounds).toEqual([[1, 2], [2, 4]]);
    expect(histogram?.frame.fields[1]?.values).toEqual([3, 5]);
  });

  it.each(['timeseries', 'stat', 'gauge'])('are their mean beside plain values in a %s, which is said', async (type) => {
    const { frames, warnings } = await ask(type);
    expect(frames[0]?.fields.map((one) => one.values)).toEqual([[60_000, 90_000, 120_000], [2, 7, 3]]);
    expect(warnings).toEqual([expect.stringContaining('Query A answers with native histograms, of which the mean is shown')]);
  });

  it('are rows of a table too', async () => {
    const { frames, warnings } = await ask('table', { format: 'table' });
    expect(frames[0]?.fields.find((one) => one.name === 'Value')?.values).toEqual([2, 7, 3]);
    expect(warnings).toHaveLength(1);
  });
});
