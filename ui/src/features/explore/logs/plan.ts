import type { PlanNode } from '@/api/loki';

/** A node of a plan as a row of a table. */
export interface PlanRow {
  /** The places of the node and those above it. */
  key: string;
  depth: number;
  node: PlanNode;
}

/** A plan's nodes from the top down, each before what is below it. */
export function planRows(node: PlanNode, depth = 0, key = '0'): PlanRow[] {
  const below = (node.children ?? []).flatMap((child, index) => planRows(child, depth + 1, `${key}.${index}`));
  return [{ key, depth, node }, ...below];
}
