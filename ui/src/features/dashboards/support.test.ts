import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDataFrame, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { transform } from '@/features/dashboards/data/transform';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';

// What `pharos dashboards check` says is drawn must be what the page draws.
const file = join(process.cwd(), '..', 'dashboards', 'support.json');

interface Refused {
  why: string;
  do: string;
}

interface Support {
  panels: { drawn: string[]; plain: string[]; refused: Record<string, Refused> };
  transformations: { supported: string[]; refused: Record<string, Refused> };
}

/** Parts that are being built: the list names them already. Empty when all are there. */
const arriving = new Set(['dashlist', 'annolist', 'nodeGraph', 'traces', 'candlestick', 'xychart', 'trend', 'flamegraph']);
const arrivingTransformations = new Set<string>(['configFromData', 'extractFields', 'fieldLookup', 'heatmap', 'joinByLabels', 'partitionByValues', 'prepareTimeSeries', 'regression', 'rowsToFields', 'smoothing', 'timeSeriesTable']);

describe.skipIf(!existsSync(file))('support.json', () => {
  const support = JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{"panels":{},"transformations":{"supported":[],"refused":{}}}') as Support;

  it('lists the panels that are drawn', () => {
    const drawn = [...Object.keys(dataPanels), ...Object.keys(plainPanels)];
    const missing = support.panels.drawn.filter((type) => !drawn.includes(type) && !arriving.has(type));
    expect(missing).toEqual([]);
    const unlisted = drawn.filter((type) => !support.panels.drawn.includes(type) && !(type in support.panels.refused));
    expect(unlisted).toEqual([]);
  });

  it('knows which panels need no query', () => {
    expect(Object.keys(plainPanels).filter((type) => !support.panels.plain.includes(type))).toEqual([]);
    expect(support.panels.plain.filter((type) => type in dataPanels)).toEqual([]);
  });

  it.each(support.transformations.supported.filter((id) => !arrivingTransformations.has(id)))('transforms by %s', async (id) => {
    expect(await warningsOf(id)).not.toContain('is not supported');
  });

  it.each(Object.keys(support.transformations.refused))('refuses %s', async (id) => {
    expect(await warningsOf(id)).toContain('not supported');
  });
});

async function warningsOf(id: string): Promise<string> {
  const frame = createDataFrame({ refId: 'A', fields: [{ name: 'Time', type: FieldType.time, values: [1, 2] }, { name: 'Value', type: FieldType.number, values: [3, 4] }] });
  try {
    return (await transform([frame], [{ id, options: {} }], (text) => text)).warnings.join('\n');
  } catch (error) {
    // Empty options are none of some steps' own: they are there all the same.
    return error instanceof Error ? error.message : String(error);
  }
}
