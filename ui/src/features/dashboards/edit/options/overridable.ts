import { panelSchemas } from '@/features/dashboards/edit/options/panelSchemas';
import type { OptionDef } from '@/features/dashboards/edit/options/schema';

const prefix = 'fieldConfig.defaults.';

/** The options of a kind of panel that one field can have differently. */
export function overridable(type: string): OptionDef[] {
  const seen = new Set<string>();
  return (panelSchemas[type] ?? [])
    .flatMap((group) => group.options)
    .filter((def) => def.path.startsWith(prefix) && !seen.has(def.path) && seen.add(def.path) !== undefined);
}

/** Grafana's id of an option in an override: "unit", "custom.lineWidth". */
export function propertyId(def: OptionDef): string {
  return def.path.slice(prefix.length);
}
