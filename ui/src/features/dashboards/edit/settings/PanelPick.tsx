import { MultiSelect, Select } from '@mantine/core';
import { Row } from '@/features/dashboards/edit/fields';
import type { PanelFilter } from '@/features/dashboards/edit/settings/annotationModel';
import type { PanelJson } from '@/features/dashboards/model/types';

interface PanelPickProps {
  filter: PanelFilter | undefined;
  panels: readonly PanelJson[];
  onChange: (filter: PanelFilter | undefined) => void;
}

/** All panels, only some, or all but some. */
export function PanelPick({ filter, panels, onChange }: PanelPickProps) {
  const mode = filter === undefined || (filter.ids ?? []).length === 0 && filter.exclude !== false ? 'all' : filter.exclude === true ? 'not' : 'only';
  return (
    <Row>
      <Select
        label="On panels"
        data={[{ value: 'all', label: 'All' }, { value: 'only', label: 'Only these' }, { value: 'not', label: 'All but these' }]}
        value={mode}
        allowDeselect={false}
        onChange={(next) => onChange(next === 'all' ? undefined : { exclude: next === 'not', ids: filter?.ids ?? panels.slice(0, 1).map((panel) => panel.id) })}
      />
      {mode !== 'all' && (
        <MultiSelect size="xs" label="Panels" searchable data={panels.map((panel) => ({ value: String(panel.id), label: panel.title || `${panel.type ?? 'Panel'} ${panel.id}` }))} value={(filter?.ids ?? []).map(String)} onChange={(ids) => onChange({ exclude: mode === 'not', ids: ids.map(Number) })} />
      )}
    </Row>
  );
}
