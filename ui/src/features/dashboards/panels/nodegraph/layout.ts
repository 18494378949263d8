import dagre from '@dagrejs/dagre';
import type { Graph } from '@/features/dashboards/panels/nodegraph/graph';

export interface Placed {
  /** The centre, in pixels. */
  x: number;
  y: number;
}

/** A node's box with its texts below the circle. */
export const nodeBox = { width: 150, textHeight: 34 };

/** Where each node stands: layers from left to right along the edges, or a grid. */
export function layoutGraph(graph: Graph, algorithm: string): Map<string, Placed> {
  return algorithm === 'grid' ? grid(graph) : layers(graph);
}

function layers({ nodes, edges }: Graph): Map<string, Placed> {
  const sheet = new dagre.graphlib.Graph({ multigraph: true });
  // Simplex ranks are the nicest and the slowest.
  sheet.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 90, ranker: nodes.length > 120 ? 'longest-path' : 'network-simplex' });
  sheet.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) sheet.setNode(node.id, { width: nodeBox.width, height: node.radius * 2 + nodeBox.textHeight });
  for (const edge of edges) if (edge.source !== edge.target) sheet.setEdge(edge.source, edge.target, {}, edge.id);
  dagre.layout(sheet);
  return new Map(nodes.map((node) => {
    const { x = 0, y = 0 } = sheet.node(node.id) as { x?: number; y?: number };
    return [node.id, { x, y }];
  }));
}

function grid({ nodes }: Graph): Map<string, Placed> {
  const columns = Math.max(1, Math.ceil(Math.sqrt(nodes.length * 1.6)));
  return new Map(nodes.map((node, index) => [node.id, { x: (index % columns) * (nodeBox.width + 20), y: Math.floor(index / columns) * 150 }]));
}
