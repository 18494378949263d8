import type { PanelJson } from '@/features/dashboards/model/types';
import { panelSchemas } from '@/features/dashboards/edit/options/panelSchemas';
import { getPath, withPath } from '@/features/dashboards/edit/options/paths';

/** What a panel had as another kind, to be had back when the reader returns to it. */
export type TypeMemory = Map<string, Pick<PanelJson, 'options' | 'fieldConfig'>>;

const custom = 'fieldConfig.defaults.custom';

/** The panel as another kind: what both kinds know is kept, the rest is what it was when the panel last was of that kind. */
export function changeType(panel: PanelJson, type: string, memory: TypeMemory): PanelJson {
  if (panel.type === type) return panel;
  if (panel.type !== undefined) memory.set(panel.type, { options: panel.options, fieldConfig: panel.fieldConfig });
  const before = memory.get(type);
  let next: PanelJson = { ...panel, type, options: { ...before?.options } };
  next = withPath(next, custom, getPath(before?.fieldConfig, 'defaults.custom'));
  for (const group of panelSchemas[type] ?? []) {
    for (const { path } of group.options) {
      const value = getPath(panel, path);
      if (value !== undefined && (path.startsWith('options.') || path.startsWith(custom)) && knownTo(panel.type, path)) next = withPath(next, path, value);
    }
  }
  const known = new Set((panelSchemas[type] ?? []).flatMap((group) => group.options).map((def) => def.path));
  const overrides = (panel.fieldConfig?.overrides ?? []).map((one) => ({ ...one, properties: one.properties.filter(({ id }) => !id.startsWith('custom.') || known.has(`fieldConfig.defaults.${id}`)) }));
  return withPath(next, 'fieldConfig.overrides', overrides);
}

/** Whether an option of that name means the same in both kinds: it stands in both schemas. */
function knownTo(type: string | undefined, path: string): boolean {
  return (panelSchemas[type ?? ''] ?? []).some((group) => group.options.some((def) => def.path === path));
}
