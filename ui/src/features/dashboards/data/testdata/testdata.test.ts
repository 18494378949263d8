import { describe, expect, it } from 'vitest';
import type { PlannedQuery } from '@/features/dashboards/data/plan';
import { csvFrame, csvRows } from '@/features/dashboards/data/testdata/csv';
import { runTestdata } from '@/features/dashboards/data/testdata/run';

const base: PlannedQuery = {
  refId: 'A', expr: '', legendFormat: '', format: 'time_series', step: 1000, interval: 60_000, many: false, instant: false, from: 0, to: 600_000, maxLines: 0, target: {},
  datasource: { uid: 't', name: 'TestData', type: 'grafana-testdata-datasource', dialect: 'testdata', default: false },
};
const run = async (target: object) => runTestdata({ ...base, target: { ...target } }, new AbortController().signal);
const values = async (target: object) => (await run(target)).frames.map((one) => one.fields.map((two) => [two.name, two.values]));

describe('tables that are typed in', () => {
  it('keep what is in quotes together', () => {
    expect(csvRows('a,b\n"1,2","say ""hi"""\r\n\n3,')).toEqual([['a', 'b'], ['1,2', 'say "hi"'], ['3', '']]);
  });

  it('have columns of the narrowest type', () => {
    const { fields } = csvFrame('A', 'time,n,ok,when,name,doc\n1000,1.5,true,2026-01-01T00:00:00Z,x,"{""a"":1}"\n2000,,false,2026-01-02T00:00:00Z,5a,"{}"', undefined);
    expect(fields.map((one) => one.type)).toEqual(['time', 'number', 'boolean', 'time', 'string', 'other']);
    expect(fields[1]?.values).toEqual([1.5, null]);
    expect(fields[5]?.values).toEqual([{ a: 1 }, {}]);
  });
});

describe('scenarios', () => {
  it('spread values over the range', async () => {
    expect(await values({ scenarioId: 'csv_metric_values', stringInput: '1,null,3', alias: 'x' })).toEqual([[['time', [0, 300_000, 600_000]], ['x', [1, null, 3]]]]);
  });

  it('walk within their bounds, the same way at each refresh, and say that they are made up', async () => {
    const target = { scenarioId: 'random_walk', seriesCount: 3, startValue: 50, min: 49, max: 51, spread: 10, labels: 'host=h$seriesIndex' };
    const { frames, warnings } = await run(target);
    expect(frames).toHaveLength(3);
    expect(frames[1]?.fields[1]?.labels).toEqual({ host: 'h1' });
    const walk = frames[0]?.fields[1]?.values as number[];
    expect(walk).toHaveLength(11);
    expect(Math.min(...walk)).toBeGreaterThanOrEqual(49);
    expect(Math.max(...walk)).toBeLessThanOrEqual(51);
    expect((await run(target)).frames[0]?.fields[1]?.values).toEqual(walk);
    expect(warnings[0]).toContain('made up');
  });

  it('repeat a wave by the clock', async () => {
    expect(await values({ scenarioId: 'predictable_csv_wave', csvWave: [{ timeStep: 120, valuesCSV: '0,1', name: 'w' }] })).toEqual([[['time', [0, 120_000, 240_000, 360_000, 480_000, 600_000]], ['w', [0, 1, 0, 1, 0, 1]]]]);
    const [[, [, on]]] = (await values({ scenarioId: 'predictable_pulse', pulseWave: { timeStep: 60, onCount: 1, offCount: 2, onValue: 5, offValue: 1 } })) as [[unknown, [string, number[]]]];
    expect(on.slice(0, 4)).toEqual([5, 1, 1, 5]);
  });

  it('take frames and points as they are written', async () => {
    expect(await values({ scenarioId: 'raw_frame', rawFrameContent: '[{"fields":[{"name":"f","values":[1,2]}]}]' })).toEqual([[['f', [1, 2]]]]);
    expect(await values({ scenarioId: 'manual_entry', points: [[2, 2000], [1, 1000], [9, 9e9]] })).toEqual([[['Time', [1000, 2000]], ['Value', [1, 2]]]]);
    await expect(run({ scenarioId: 'raw_frame', rawFrameContent: '[{' })).rejects.toThrow('are no JSON');
  });

  it('that are not made are named', async () => {
    await expect(run({ scenarioId: 'streaming_client' })).rejects.toThrow('Query A (streaming_client) is not supported');
  });
});
