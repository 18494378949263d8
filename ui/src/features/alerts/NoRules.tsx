import { IconListCheck } from '@tabler/icons-react';
import { EmptyState } from '@/components/EmptyState';

/** Nothing is watched, so nothing can fire. */
export function NoRules() {
  return (
    <EmptyState title="No alerting rules" icon={<IconListCheck size={24} />}>
      Nothing is watched yet. Name rule files under <span className="mono">rules.files</span> in pharos.yml, or under rule_files of the prometheus.yml that <span className="mono">metrics.prometheus_config</span> names.
    </EmptyState>
  );
}
