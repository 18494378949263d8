import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { MappedIcon } from '@/features/dashboards/panels/MappedIcon';
import { fittingFont, ring } from '@/features/dashboards/panels/nodegraph/fittingFont';
import type { GraphNode } from '@/features/dashboards/panels/nodegraph/graph';
import { nodeBox } from '@/features/dashboards/panels/nodegraph/layout';
import classes from './nodegraph.module.css';

export type CircleNode = Node<{ node: GraphNode; faded: boolean }, 'circle'>;

/** A node: its numbers inside a ring of arcs, its names below. */
export function NodeCircle({ data: { node, faded }, selected }: NodeProps<CircleNode>) {
  const { radius } = node;
  const size = radius * 2;
  return (
    <div className={classes.node} style={{ width: nodeBox.width, opacity: faded || node.dimmed ? 0.28 : 1 }} data-selected={selected}>
      <div style={{ position: 'relative', width: size, height: size }}>
        <Handle type="target" position={Position.Left} className={classes.handle ?? ''} isConnectable={false} />
        <svg width={size} height={size} viewBox={`${-radius} ${-radius} ${size} ${size}`} aria-hidden="true">
          <circle r={radius - ring / 2 - 1} fill="var(--panel)" stroke={node.color ?? 'var(--line-strong)'} strokeWidth={node.arcs.length === 0 ? ring : 1} />
          {node.arcs.length > 0 && <Arcs node={node} />}
        </svg>
        <div className={classes.stats}>
          {node.icon === '' ? (
            <>
              <span className={classes.main} style={{ fontSize: fittingFont(node.mainStat, radius, 12) }} title={node.mainStat}>
                {node.mainStat}
              </span>
              <span className={classes.secondary} style={{ fontSize: fittingFont(node.secondaryStat, radius * 0.9, 10.5) }} title={node.secondaryStat}>
                {node.secondaryStat}
              </span>
            </>
          ) : (
            <MappedIcon icon={node.icon} text="" size={radius * 0.7} />
          )}
        </div>
        <Handle type="source" position={Position.Right} className={classes.handle ?? ''} isConnectable={false} />
      </div>
      <div className={classes.title} title={node.title}>
        {node.title}
      </div>
      {node.subtitle !== '' && (
        <div className={classes.subtitle} title={node.subtitle}>
          {node.subtitle}
        </div>
      )}
    </div>
  );
}

function Arcs({ node }: { node: GraphNode }) {
  const radius = node.radius - ring / 2 - 1;
  const round = 2 * Math.PI * radius;
  const total = Math.max(1, node.arcs.reduce((sum, arc) => sum + arc.share, 0));
  let at = 0;
  return (
    <g transform="rotate(-90)">
      {node.arcs.map((arc) => {
        const length = (arc.share / total) * round;
        const offset = -at;
        at += length;
        return <circle key={arc.name} r={radius} fill="none" stroke={arc.color} strokeWidth={ring} strokeDasharray={`${length.toFixed(2)} ${(round - length).toFixed(2)}`} strokeDashoffset={offset.toFixed(2)} />;
      })}
    </g>
  );
}
