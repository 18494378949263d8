import { type Field, FieldType } from '@grafana/data';
import { objectOption, option } from '@/features/dashboards/panels/types';

export type CellType = 'auto' | 'color-text' | 'color-background' | 'gauge' | 'sparkline' | 'data-links' | 'json-view' | 'image' | 'markdown' | 'pill';

/** How a column's cells are drawn, whichever of Grafana's two notations says so. */
export interface CellOptions {
  type: CellType;
  /** Gauge: basic, gradient, lcd. Background: basic, gradient. */
  mode: string;
  /** Background: the whole row takes the cell's colour. */
  applyToRow: boolean;
  wrapText: boolean;
  /** Gauge: color, text, hidden. */
  valueDisplayMode: string;
  /** All that the JSON says, for what one kind alone knows. */
  raw: Record<string, unknown>;
}

// custom.displayMode of tables before Grafana 9.4.
const displayModes: Record<string, { type: CellType; mode?: string }> = {
  basic: { type: 'gauge', mode: 'basic' },
  'gradient-gauge': { type: 'gauge', mode: 'gradient' },
  'lcd-gauge': { type: 'gauge', mode: 'lcd' },
  'color-background': { type: 'color-background', mode: 'gradient' },
  'color-background-solid': { type: 'color-background', mode: 'basic' },
};

const known = new Set<string>(['auto', 'color-text', 'color-background', 'gauge', 'sparkline', 'data-links', 'json-view', 'image', 'markdown', 'pill']);

export function customOf(field: Field): Record<string, unknown> {
  return (field.config.custom ?? {}) as Record<string, unknown>;
}

export function cellOptionsOf(field: Field): CellOptions {
  const custom = customOf(field);
  const raw = objectOption(custom, 'cellOptions');
  const name = option(raw, 'type', option(custom, 'displayMode', 'auto'));
  const old = raw.type === undefined ? displayModes[name] : undefined;
  const type = old?.type ?? (known.has(name) ? (name as CellType) : 'auto');
  return {
    type: type === 'auto' ? automatic(field) : type,
    mode: option(raw, 'mode', old?.mode ?? (type === 'gauge' ? 'basic' : 'gradient')),
    applyToRow: option(raw, 'applyToRow', false),
    wrapText: option(raw, 'wrapText', false) || option(custom, 'wrapText', false),
    valueDisplayMode: option(raw, 'valueDisplayMode', 'color'),
    raw,
  };
}

/** A field that holds series or objects is drawn as what it is. */
function automatic(field: Field): CellType {
  if (field.type === FieldType.frame) return 'sparkline';
  if (field.type === FieldType.other && (field.values as unknown[]).some((value) => typeof value === 'object' && value !== null)) return 'json-view';
  return 'auto';
}
