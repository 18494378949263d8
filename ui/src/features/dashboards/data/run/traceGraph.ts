import { type DataFrame, FieldType } from '@grafana/data';
import type { TraceJson } from '@/api/jaeger';
import { field, frame } from '@/features/dashboards/data/frames';

/** Nodes of Grafana's node graph; nodes and edges of one answer. */
export interface GraphNode {
  id: string;
  title: string;
  subtitle: string;
  mainstat: string;
  secondarystat: string;
  color?: number;
}

export interface GraphEdge {
  source: string;
  target: string;
  mainstat: string;
  secondarystat: string;
}

/** The two frames that the node graph is drawn from. */
export function graphFrames(refId: string, nodes: readonly GraphNode[], edges: readonly GraphEdge[], mainName: string, secondaryName: string): DataFrame[] {
  const text = (name: string, values: string[], displayName?: string) => field(name, FieldType.string, values, displayName === undefined ? {} : { config: { displayName } });
  const colored = nodes.some((one) => one.color !== undefined);
  const nodeFrame = frame(refId, [
    text('id', nodes.map((one) => one.id)),
    text('title', nodes.map((one) => one.title), 'Service'),
    text('subtitle', nodes.map((one) => one.subtitle)),
    text('mainstat', nodes.map((one) => one.mainstat), mainName),
    text('secondarystat', nodes.map((one) => one.secondarystat), secondaryName),
    ...(colored ? [field('color', FieldType.number, nodes.map((one) => one.color ?? 0), { config: { color: { mode: 'continuous-GrYlRd' as const } } })] : []),
  ]);
  const edgeFrame = frame(refId, [
    text('id', edges.map((one) => `${one.source}__${one.target}`)),
    text('source', edges.map((one) => one.source)),
    text('target', edges.map((one) => one.target)),
    text('mainstat', edges.map((one) => one.mainstat), mainName),
    text('secondarystat', edges.map((one) => one.secondarystat), secondaryName),
  ]);
  const shown = { preferredVisualisationType: 'nodeGraph' as const };
  return [{ ...nodeFrame, name: 'nodes', meta: { ...nodeFrame.meta, ...shown } }, { ...edgeFrame, name: 'edges', meta: { ...edgeFrame.meta, ...shown } }];
}

/** A trace's spans as a graph: a node a span, its time and its own time in it. */
export function traceGraph(refId: string, trace: TraceJson): DataFrame[] {
  const { spans } = trace;
  const start = spans.reduce((least, span) => Math.min(least, span.startTime), Infinity);
  const end = spans.reduce((most, span) => Math.max(most, span.startTime + span.duration), -Infinity);
  const total = Math.max(end - start, 1);
  const ids = new Set(spans.map((span) => span.spanID));
  const parents = new Map(spans.map((span) => [span.spanID, span.references?.find((one) => one.refType === 'CHILD_OF' && ids.has(one.spanID))?.spanID]));
  const children = new Map<string, TraceJson['spans']>();
  for (const span of spans) {
    const parent = parents.get(span.spanID);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const stat = (us: number) => `${(us / 1000).toPrecision(3).replace(/\.0+$/, '')} ms (${Math.round((100 * us) / total)} %)`;
  const nodes = spans.map((span): GraphNode => {
    const own = Math.max(0, span.duration - covered((children.get(span.spanID) ?? []).map((child) => [child.startTime, child.startTime + child.duration]), span.startTime, span.startTime + span.duration));
    return { id: span.spanID, title: trace.processes[span.processID]?.serviceName ?? '', subtitle: span.operationName, mainstat: stat(span.duration), secondarystat: stat(own), color: own / total };
  });
  const edges = spans.flatMap((span): GraphEdge[] => {
    const parent = parents.get(span.spanID);
    return parent === undefined ? [] : [{ source: parent, target: span.spanID, mainstat: '', secondarystat: '' }];
  });
  return graphFrames(refId, nodes, edges, 'Total time', 'Self time');
}

/** How much of [from, to] the intervals cover together. */
function covered(intervals: [number, number][], from: number, to: number): number {
  let sum = 0;
  let reached = from;
  for (const [start, end] of intervals.sort((a, b) => a[0] - b[0])) {
    const upper = Math.min(end, to);
    if (upper <= reached) continue;
    sum += upper - Math.max(start, reached);
    reached = upper;
  }
  return sum;
}
