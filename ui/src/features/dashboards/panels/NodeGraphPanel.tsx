import '@xyflow/react/dist/base.css';
import { Controls, type Edge, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { type Graph, graphOf, mostNodes } from '@/features/dashboards/panels/nodegraph/graph';
import { GraphCard } from '@/features/dashboards/panels/nodegraph/GraphCard';
import { layoutGraph, nodeBox } from '@/features/dashboards/panels/nodegraph/layout';
import { type CircleNode, NodeCircle } from '@/features/dashboards/panels/nodegraph/NodeCircle';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import classes from './nodegraph/nodegraph.module.css';

const nodeTypes = { circle: NodeCircle };
/** With more edges their texts would cover each other: they show when their node is pointed at. */
const labelledEdges = 40;

/** Nodes and edges: what talks to what, with numbers on both. */
export default function NodeGraphPanel({ panel, frames, theme, width, height }: PanelProps) {
  const graph = useMemo(() => graphOf(frames, panel.options, theme), [frames, panel.options, theme]);
  if (graph.nodes.length === 0) return <EmptyState title="No nodes">A node graph needs a frame with the columns id (nodes), or source and target (edges).</EmptyState>;
  return (
    <ReactFlowProvider>
      <Drawing graph={graph} options={panel.options} width={width} height={height} label={panel.title === undefined || panel.title === '' ? 'Node graph' : panel.title} />
    </ReactFlowProvider>
  );
}

interface DrawingProps {
  graph: Graph;
  options: Record<string, unknown> | undefined;
  width: number;
  height: number;
  label: string;
}

function Drawing({ graph, options, width, height, label }: DrawingProps) {
  const algorithm = option(options, 'layoutAlgorithm', 'layered');
  const greedy = option(options, 'zoomMode', 'cooperative') === 'greedy';
  const [chosen, setChosen] = useState<{ kind: 'node' | 'edge'; id: string }>();
  const [pointed, setPointed] = useState<string>();
  const shape = graph.nodes.map((node) => node.id).join('\n') + graph.edges.map((edge) => `${edge.source}>${edge.target}`).join('\n');
  // Numbers change with each refresh; places only when nodes come and go.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const places = useMemo(() => layoutGraph(graph, algorithm), [shape, algorithm]);
  const focus = pointed ?? (chosen?.kind === 'node' ? chosen.id : undefined);
  const near = useMemo(() => (focus === undefined ? undefined : new Set([focus, ...graph.edges.flatMap((edge) => (edge.source === focus ? [edge.target] : edge.target === focus ? [edge.source] : []))])), [focus, graph]);
  const nodes = useMemo(
    () =>
      graph.nodes.map((node): CircleNode => {
        const place = places.get(node.id) ?? { x: 0, y: 0 };
        return {
          id: node.id,
          type: 'circle',
          position: { x: place.x - nodeBox.width / 2, y: place.y - node.radius - nodeBox.textHeight / 2 },
          data: { node, faded: near !== undefined && !near.has(node.id) },
          ariaLabel: `${node.title}${node.mainStat === '' ? '' : `, ${node.mainStat}`}${node.secondaryStat === '' ? '' : `, ${node.secondaryStat}`}`,
          connectable: false,
        };
      }),
    [graph, places, near],
  );
  const edges = useMemo(() => graph.edges.map((edge) => flowEdge(edge, focus, graph.edges.length <= labelledEdges)), [graph, focus]);
  const flow = useReactFlow();
  useEffect(() => {
    void flow.fitView({ padding: 0.12, maxZoom: 1 });
  }, [flow, places, width, height]);
  const one = chosen === undefined ? undefined : chosen.kind === 'node' ? graph.nodes.find((node) => node.id === chosen.id) : graph.edges.find((edge) => edge.id === chosen.id);
  return (
    <div className={classes.graph} role="group" aria-label={label} onKeyDown={(event) => event.key === 'Escape' && setChosen(undefined)}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
        minZoom={0.1}
        maxZoom={2.5}
        nodesConnectable={false}
        zoomOnScroll={greedy}
        preventScrolling={greedy}
        deleteKeyCode={null}
        onlyRenderVisibleElements={graph.nodes.length > 80}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_, node) => setChosen({ kind: 'node', id: node.id })}
        onEdgeClick={(_, edge) => setChosen({ kind: 'edge', id: edge.id })}
        onSelectionChange={({ nodes: selected }) => selected[0] !== undefined && setChosen({ kind: 'node', id: selected[0].id })}
        onPaneClick={() => setChosen(undefined)}
        onNodeMouseEnter={(_, node) => setPointed(node.id)}
        onNodeMouseLeave={() => setPointed(undefined)}
      >
        {width >= 420 && height >= 200 && <Controls showInteractive={false} className={classes.controls ?? ''} />}
      </ReactFlow>
      {graph.hidden > 0 && (
        <div className={classes.notice} role="note">
          The {mostNodes} nodes with the most edges are drawn, {graph.hidden} are not
        </div>
      )}
      {one !== undefined && <GraphCard title={'title' in one ? one.title : `${one.source} → ${one.target}`} one={one} onClose={() => setChosen(undefined)} />}
    </div>
  );
}

function flowEdge(edge: Graph['edges'][number], focus: string | undefined, labelled: boolean): Edge {
  const near = focus !== undefined && (edge.source === focus || edge.target === focus);
  const faded = edge.dimmed || (focus !== undefined && !near);
  const color = edge.color ?? (near ? 'var(--accent)' : 'var(--line-strong)');
  const text = [edge.mainStat, edge.secondaryStat].filter(Boolean).join(' · ');
  return {
    id: edge.id,
    source: edge.source,
    target: edge.target,
    type: 'default',
    style: { stroke: color, strokeWidth: edge.thickness, opacity: faded ? 0.25 : 1, ...(edge.dash === undefined ? {} : { strokeDasharray: edge.dash }) },
    markerEnd: { type: MarkerType.ArrowClosed, color, width: 14, height: 14 },
    interactionWidth: 16,
    ariaLabel: `${edge.source} to ${edge.target}${text === '' ? '' : `, ${text}`}`,
    ...(text !== '' && ((labelled && !faded) || near) ? { label: text } : {}),
  };
}
