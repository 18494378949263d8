import { createDataFrame, createTheme, FieldType } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { ancestry, callAt, functionsOf, type Profile, profileOf } from '@/features/dashboards/panels/flamegraph/profile';
import { fittingFont } from '@/features/dashboards/panels/nodegraph/fittingFont';
import { graphOf, mostNodes } from '@/features/dashboards/panels/nodegraph/graph';
import { layoutGraph } from '@/features/dashboards/panels/nodegraph/layout';
import { traceOf } from '@/features/dashboards/panels/traces/traceFrames';

const theme = createTheme();
const text = (name: string, values: unknown[]) => ({ name, type: FieldType.string, values });
const number = (name: string, values: unknown[], config = {}) => ({ name, type: FieldType.number, values, config });

describe('graphOf', () => {
  const nodes = createDataFrame({
    name: 'nodes',
    fields: [text('id', ['a', 'b']), text('title', ['Web', '']), text('subTitle', ['nginx', '']), number('mainStat', [12, null], { unit: 'ms' }), number('arc__ok', [0.75, 1]), number('arc__bad', [0.25, 0]), text('color', ['red', 'url(javascript:x)']), text('detail__zone', ['eu', ''])],
  });
  const edges = createDataFrame({ name: 'edges', fields: [text('id', ['1', '2']), text('source', ['a', 'b']), text('target', ['b', 'c']), number('mainstat', [5, 6])] });

  it('reads nodes and edges whatever the case of their columns', () => {
    const graph = graphOf([nodes, edges], { nodes: { arcs: [{ field: 'arc__bad', color: 'red' }] }, edges: { mainStatUnit: 'reqps' } }, theme);
    expect(graph.nodes.map((node) => [node.id, node.title, node.mainStat, node.arcs.length])).toEqual([['a', 'Web', '12 ms', 2], ['b', 'b', '', 1], ['c', 'c', '', 0]]);
    expect(graph.nodes[0]?.details).toEqual([['zone', 'eu']]);
    expect(graph.edges.map((edge) => edge.mainStat)).toEqual(['5 req/s', '6 req/s']);
  });

  it('takes no colour that is none', () => {
    const graph = graphOf([nodes, edges], {}, theme);
    expect(graph.nodes[0]?.color).toMatch(/^#|rgb/);
    expect(graph.nodes[1]?.color).toBeUndefined();
  });

  it('draws the best connected when there are too many, and says so', () => {
    const many = Array.from({ length: mostNodes + 50 }, (_, index) => `n${index}`);
    const star = createDataFrame({ fields: [text('source', many.map(() => 'hub')), text('target', many)] });
    const graph = graphOf([star], {}, theme);
    expect(graph.nodes).toHaveLength(mostNodes);
    expect(graph.hidden).toBe(51);
    expect(graph.nodes.some((node) => node.id === 'hub')).toBe(true);
    expect(graph.edges.every((edge) => graph.nodes.some((node) => node.id === edge.target))).toBe(true);
  });

  it('places circles and nodes that call themselves', () => {
    const circle = createDataFrame({ fields: [text('source', ['a', 'b', 'a']), text('target', ['b', 'a', 'a'])] });
    const graph = graphOf([circle], {}, theme);
    for (const algorithm of ['layered', 'grid']) {
      const places = [...layoutGraph(graph, algorithm).values()];
      expect(places).toHaveLength(2);
      for (const { x, y } of places) expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true);
    }
  });
});

describe('profileOf', () => {
  const frame = (level: number[], value: number[], label: string[], self = value) => createDataFrame({ fields: [number('level', level), number('value', value), number('self', self), text('label', label)] });
  const profile = profileOf([frame([0, 1, 2, 1, 2], [100, 60, 40, 30, 30], ['total', 'a', 'b', 'c', 'b'], [10, 20, 40, 0, 30])]) as Profile;

  it('places calls beside each other below their callers', () => {
    expect(profile.calls.map((call) => [call.label, call.start, call.parent])).toEqual([['total', 0, -1], ['a', 0, 0], ['b', 0, 1], ['c', 60, 0], ['b', 60, 3]]);
    expect(profile.total).toBe(100);
    expect(callAt(profile, 1, 61)?.label).toBe('c');
    expect(callAt(profile, 1, 95)).toBeUndefined();
    expect(ancestry(profile, profile.calls[4] as never).map((call) => call.label)).toEqual(['total', 'c', 'b']);
  });

  it('sums functions, recursion once', () => {
    expect(functionsOf(profile).find((row) => row.label === 'b')).toEqual({ label: 'b', self: 70, total: 70 });
    const recursive = profileOf([frame([0, 1, 2], [10, 10, 6], ['total', 'f', 'f'], [0, 4, 6])]) as Profile;
    expect(functionsOf(recursive).find((row) => row.label === 'f')).toEqual({ label: 'f', self: 10, total: 10 });
  });

  it('leaves out what has no caller, and survives nonsense', () => {
    const broken = profileOf([frame([0, 2, 3, 1, -1, Number.NaN], [10, 5, 5, 5, 1, 1], ['total', 'lost', 'lost below', 'a', 'x', 'root 2'])]) as Profile;
    expect(broken.calls.map((call) => call.label)).toEqual(['total', 'a', 'root 2']);
    expect(profileOf([createDataFrame({ fields: [text('label', ['a'])] })])).toBeUndefined();
  });

  it('reads labels that are numbers of an enumeration', () => {
    const coded = createDataFrame({ fields: [number('level', [0, 1]), number('value', [2, 1]), number('self', [1, 1]), { name: 'label', type: FieldType.enum, values: [1, 0], config: { type: { enum: { text: ['main', 'total'] } } } }] });
    expect(profileOf([coded])?.calls.map((call) => call.label)).toEqual(['total', 'main']);
  });
});

describe('traceOf', () => {
  it('reads the columns of a trace', () => {
    const frame = createDataFrame({
      fields: [text('traceID', ['t', 't']), text('spanID', ['1', '2']), text('parentSpanID', ['', '1']), text('operationName', ['GET', 'SELECT']), text('serviceName', ['web', 'db']), number('startTime', [1000, 1001]), number('duration', [5, 2]), { name: 'tags', type: FieldType.other, values: [[{ key: 'http.status', value: 200 }], []] }, number('statusCode', [0, 2])],
    });
    const trace = traceOf([frame]);
    expect(trace?.spans.map((span) => [span.operationName, span.startTime, span.duration, span.references?.[0]?.spanID])).toEqual([['GET', 1_000_000, 5000, undefined], ['SELECT', 1_001_000, 2000, '1']]);
    expect(trace?.spans[0]?.tags).toEqual([{ key: 'http.status', type: 'number', value: 200 }]);
    expect(trace?.spans[1]?.tags).toContainEqual({ key: 'error', type: 'bool', value: true });
  });

  it('takes the trace that the query brought, and none from a table', () => {
    const trace = { traceID: 'x', spans: [], processes: {}, warnings: null };
    expect(traceOf([{ fields: [], length: 0, meta: { custom: { trace } } }])).toBe(trace);
    expect(traceOf([createDataFrame({ fields: [text('traceID', ['a'])] })])).toBeUndefined();
  });
});

describe('fittingFont', () => {
  it('keeps short figures at their size and makes long ones smaller, never unreadable', () => {
    expect(fittingFont('42', 40, 12)).toBe(12);
    const long = fittingFont('1,234.56 req/s', 40, 12);
    expect(long).toBeLessThan(12);
    expect(long * 0.62 * '1,234.56 req/s'.length).toBeLessThanOrEqual(40 * 2 - 16);
    expect(fittingFont('x'.repeat(90), 20, 12)).toBe(7);
  });
});
