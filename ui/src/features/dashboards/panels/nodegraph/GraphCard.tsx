import { ActionIcon } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { GraphEdge, GraphNode } from '@/features/dashboards/panels/nodegraph/graph';
import { isSafeUrl } from '@/lib/safeUrl';
import classes from './nodegraph.module.css';

/** What is known of the chosen node or edge, and where to go from it. */
export function GraphCard({ title, one, onClose }: { title: string; one: GraphNode | GraphEdge; onClose: () => void }) {
  const facts: [string, string][] = [
    ...('subtitle' in one && one.subtitle !== '' ? [['', one.subtitle] as [string, string]] : []),
    ...(one.mainStat === '' ? [] : [['', one.mainStat] as [string, string]]),
    ...(one.secondaryStat === '' ? [] : [['', one.secondaryStat] as [string, string]]),
    ...('arcs' in one ? one.arcs.map((arc): [string, string] => [arc.name, `${(arc.share * 100).toFixed(arc.share < 0.1 ? 1 : 0)} %`]) : []),
    ...one.details,
  ];
  return (
    <aside className={classes.card} aria-label={title}>
      <div className={classes.cardHead}>
        <strong>{title}</strong>
        <ActionIcon variant="subtle" color="gray" size="xs" aria-label="Close" onClick={onClose}>
          <IconX size={12} />
        </ActionIcon>
      </div>
      <dl>
        {facts.map(([name, value], index) => (
          <div key={index}>
            {name !== '' && <dt>{name}</dt>}
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {one.links
        .filter((link) => isSafeUrl(link.href))
        .map((link) => (
          <a key={`${link.title}\n${link.href}`} href={link.href} target={link.target ?? '_self'} rel="noreferrer">
            {link.title || link.href}
          </a>
        ))}
    </aside>
  );
}
