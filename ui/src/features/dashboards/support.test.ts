import { createDataFrame, type DataFrame, FieldType } from '@grafana/data';
import { describe, expect, it, vi } from 'vitest';
import support from '../../../../dashboards/support.json';
import type { Datasource, Dialect } from '@/api/dashboards';
import { expressionKinds } from '@/features/dashboards/data/expressions/evaluate';
import { matches } from '@/features/dashboards/data/fieldConfig';
import type { PlannedQuery } from '@/features/dashboards/data/plan';
import { runQueries } from '@/features/dashboards/data/runQueries';
import { transform, transformationIds } from '@/features/dashboards/data/transform';
import { variableKinds } from '@/features/dashboards/data/variables/options';
import { resolveDatasource } from '@/features/dashboards/model/datasources';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';
import { limitedVariable, refusedDatasource, refusedPanel, refusedQuery, refusedTransformation } from '@/features/dashboards/support';

// What `pharos dashboards check` says is drawn must be what the page draws.

const sorted = (words: readonly string[]): string[] => [...words].sort();

describe('support.json', () => {
  it('lists the panels that are drawn, and which of them need no query', () => {
    expect(sorted([...Object.keys(dataPanels), ...Object.keys(plainPanels)])).toEqual(sorted(support.panels.drawn));
    expect(sorted(Object.keys(plainPanels))).toEqual(sorted(support.panels.plain));
    expect(support.panels.drawn.filter((type) => type in support.panels.refused)).toEqual([]);
  });

  it('lists the transformations', () => {
    expect(transformationIds().filter((id) => !support.transformations.supported.includes(id))).toEqual([]);
  });

  it.each(support.transformations.supported)('transforms by %s', async (id) => {
    expect(await warningsOf(id)).not.toContain('is not supported');
  });

  it.each(Object.keys(support.transformations.refused))('refuses %s', async (id) => {
    expect(await warningsOf(id)).toContain(`is not supported. ${refusedTransformation(id)}`);
  });

  it('lists the kinds of variables and of expressions', () => {
    expect(sorted(variableKinds)).toEqual(sorted(support.variables.supported));
    expect(sorted(expressionKinds)).toEqual(sorted(support.queries.expression.supported));
  });

  it.each(Object.entries(support.datasources).filter(([type]) => type !== '__expr__' && type !== '-- Dashboard --'))('asks %s in the dialect that it says', (type, one) => {
    expect(resolveDatasource({ type, uid: 'elsewhere' }, ours)?.dialect).toBe('dialect' in one ? one.dialect : undefined);
  });

  it.each(Object.keys(support.queries).filter((dialect) => dialect !== 'expression' && dialect !== 'dashboard'))('sends queries in the dialect %s', async (dialect) => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no server'));
    const failure: unknown = await runQueries([query(dialect as Dialect)], new AbortController().signal).catch(String);
    expect(failure).not.toContain('are not supported');
    await expect(runQueries([query('mysql' as Dialect)], new AbortController().signal)).rejects.toThrow('are not supported');
  });

  it.each(support.matchers)('matches fields %s', (id) => {
    expect(id in matcherOptions).toBe(true);
    const field = id.toLowerCase().includes('time') ? time : number;
    expect(matches({ id, options: matcherOptions[id] }, field, field.name, frame)).toBe(true);
  });

  it('does not match by a matcher that is not listed', () => {
    expect(matches({ id: 'byMagic', options: 'Value' }, number, 'Value', frame)).toBe(false);
  });
});

describe('what is said of the rest', () => {
  it('is why, and what to do', () => {
    expect(refusedPanel('geomap')).toBe('Maps need tiles from servers outside. Show the same query as a table or a bar gauge.');
    expect(refusedPanel('constructor')).toBe(refusedPanel('acme-panel'));
    expect(refusedQuery('elasticsearch', 'PPL')).toMatch(/^OpenSearch's PPL is not spoken here\. /);
    expect(refusedQuery('toString', 'x')).toBe(refusedQuery('loki', 'x'));
    expect(refusedDatasource('grafana')).toMatch(/^Grafana's own data \(live, files\) are not here\. /);
    expect(refusedDatasource('prometheus')).toBe(refusedDatasource('mysql'));
    expect(refusedDatasource(undefined)).toMatch(/^No data source has this name/);
    expect(limitedVariable('groupby', 'loki')).toMatch(/PromQL/);
    expect(limitedVariable('groupby', 'prometheus')).toBeUndefined();
    expect(limitedVariable('query', 'loki')).toBeUndefined();
  });
});

const dialects: readonly Dialect[] = ['prometheus', 'loki', 'tempo', 'jaeger', 'zipkin', 'elasticsearch', 'alertmanager'];
const ours: Datasource[] = dialects.map((dialect) => ({ uid: `our-${dialect}`, name: `Our ${dialect}`, type: dialect, dialect, default: dialect === 'prometheus' }));

function query(dialect: Dialect): PlannedQuery {
  const datasource: Datasource = { uid: 'x', name: 'X', type: dialect, dialect, default: false };
  return { refId: 'A', expr: 'up', legendFormat: '', format: 'time_series', step: 1000, interval: 1000, many: false, datasource, instant: false, from: 0, to: 1000, maxLines: 10, target: { refId: 'A' } };
}

const number = { name: 'Value', type: FieldType.number, values: [3, 4], config: {} };
const time = { name: 'Time', type: FieldType.time, values: [1, 2], config: {} };
const frame: DataFrame = { refId: 'A', name: 'one', length: 2, fields: [number, time] };

/** Options with which each matcher takes a field above. */
const matcherOptions: Readonly<Record<string, unknown>> = {
  byName: 'Value',
  byRegexp: '/^Val/',
  byRegexpOrNames: { pattern: '/^Val/' },
  byType: 'number',
  byTypes: ['number'],
  byFrameRefID: 'A',
  byFrameName: 'one',
  byFrameIndex: 0,
  byNames: { names: ['Value'] },
  byValue: { reducer: 'max', op: 'gte', value: 4 },
  numeric: undefined,
  time: undefined,
  first: undefined,
  firstTimeField: undefined,
  anyMatch: [{ id: 'byName', options: 'x' }, { id: 'numeric' }],
  allMatch: [{ id: 'byName', options: 'Value' }, { id: 'numeric' }],
  invertMatch: { id: 'byName', options: 'x' },
};

async function warningsOf(id: string): Promise<string> {
  const series = createDataFrame({ refId: 'A', fields: [{ name: 'Time', type: FieldType.time, values: [1, 2] }, { name: 'Value', type: FieldType.number, values: [3, 4] }] });
  try {
    return (await transform([series], [{ id, options: {} }], (text) => text)).warnings.join('\n');
  } catch (error) {
    // Empty options are none of some steps' own: they are there all the same.
    return error instanceof Error ? error.message : String(error);
  }
}
