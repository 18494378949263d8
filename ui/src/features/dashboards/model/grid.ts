import type { GridPos, PanelJson } from '@/features/dashboards/model/types';
import { allToken, selectedValues, type Variable } from '@/features/dashboards/model/variables';

/** Grafana's grid: 24 columns, cells of 30 px with 8 px between them. */
export const gridColumns = 24;
export const cellHeight = 30;
export const cellGap = 8;

/** A panel at its place, with the variable values of a repetition. */
export interface PlacedPanel {
  /** Unique in the dashboard, also among repetitions. */
  key: string;
  panel: PanelJson;
  place: GridPos;
  /** Values that a repeated panel or row sets for its variable. */
  scoped: Record<string, string>;
}

/** A row: a heading, and the panels below it until the next one. Panels before the first row have no heading. */
export interface Section {
  key: string;
  title: string | undefined;
  collapsed: boolean;
  scoped: Record<string, string>;
  panels: PlacedPanel[];
}

/** The dashboard's rows with their panels: repetitions are unfolded, places begin at each row's top. */
export function layout(panels: readonly PanelJson[], variables: readonly Variable[]): Section[] {
  const sections: Section[] = [];
  for (const row of splitRows(panels)) {
    const repeat = repeatValues(row.header?.repeat, variables);
    const values = repeat?.values ?? [undefined];
    for (const value of values) {
      const scoped: Record<string, string> = repeat !== undefined && value !== undefined ? { [repeat.name]: value } : {};
      const suffix = value === undefined ? '' : `@${value}`;
      sections.push({
        key: `${row.header?.id ?? 'top'}${suffix}`,
        title: row.header?.title,
        collapsed: row.header?.collapsed ?? false,
        scoped,
        panels: compact(place(row.panels, variables, scoped, suffix)),
      });
    }
  }
  return sections.filter((section) => section.title !== undefined || section.panels.length > 0);
}

interface Row {
  header: PanelJson | undefined;
  panels: PanelJson[];
}

function splitRows(panels: readonly PanelJson[]): Row[] {
  const sorted = [...panels].sort((a, b) => position(a).y - position(b).y || position(a).x - position(b).x);
  const rows: Row[] = [{ header: undefined, panels: [] }];
  for (const panel of sorted) {
    if (panel.type === 'row') rows.push({ header: panel, panels: [...(panel.panels ?? [])] });
    else rows.at(-1)?.panels.push(panel);
  }
  return rows;
}

function place(panels: readonly PanelJson[], variables: readonly Variable[], scoped: Record<string, string>, suffix: string): PlacedPanel[] {
  const top = Math.min(...panels.map((panel) => position(panel).y), Infinity);
  const placed: PlacedPanel[] = [];
  let shift = 0; // how far repetitions pushed down what follows
  for (const panel of panels) {
    const at = position(panel);
    const base = { ...at, y: at.y - top + shift };
    const repeat = repeatValues(panel.repeat, variables);
    if (repeat === undefined || repeat.name in scoped) {
      placed.push({ key: `${panel.id}${suffix}`, panel, place: base, scoped });
      continue;
    }
    const places = repeatPlaces(base, repeat.values.length, panel);
    repeat.values.forEach((value, index) => {
      placed.push({
        key: `${panel.id}${suffix}@${value}`,
        panel,
        place: places[index] ?? base,
        scoped: { ...scoped, [repeat.name]: value },
      });
    });
    const bottom = Math.max(...places.map((one) => one.y + one.h));
    shift += Math.max(0, bottom - (base.y + base.h));
  }
  return placed;
}

/** Panels as high as they can go without covering one before them, as Grafana's grid puts them: files may overlap or leave holes. */
function compact(panels: PlacedPanel[]): PlacedPanel[] {
  const skyline = new Array<number>(gridColumns).fill(0);
  return panels.map((one) => {
    const { x, w, h } = one.place;
    const y = Math.max(...skyline.slice(x, x + w), 0);
    skyline.fill(y + h, x, x + w);
    return { ...one, place: { x, y, w, h } };
  });
}

/** Side by side and wrapping (at most maxPerRow, 4 by default), or below each other. */
function repeatPlaces(base: GridPos, count: number, panel: PanelJson): GridPos[] {
  if (panel.repeatDirection === 'v') {
    return Array.from({ length: count }, (_, index) => ({ ...base, y: base.y + index * base.h }));
  }
  const perRow = Math.max(1, Math.min(count, panel.maxPerRow ?? 4));
  const w = Math.max(1, Math.floor(gridColumns / perRow));
  return Array.from({ length: count }, (_, index) => ({
    x: (index % perRow) * w,
    y: base.y + Math.floor(index / perRow) * base.h,
    w,
    h: base.h,
  }));
}

function repeatValues(name: string | null | undefined, variables: readonly Variable[]): { name: string; values: string[] } | undefined {
  if (name === null || name === undefined || name === '') return undefined;
  const variable = variables.find((one) => one.name === name);
  if (variable === undefined) return undefined;
  const values = selectedValues(variable).filter((value) => value !== allToken);
  return values.length === 0 ? undefined : { name, values };
}

function position(panel: PanelJson): GridPos {
  return panel.gridPos ?? { x: 0, y: 0, w: gridColumns / 2, h: 8 };
}

/** Variables as a repeated panel sees them: its own value in place of what is chosen. */
export function scopeVariables(variables: readonly Variable[], scoped: Record<string, string>): readonly Variable[] {
  if (Object.keys(scoped).length === 0) return variables;
  return variables.map((variable) => {
    const value = scoped[variable.name];
    return value === undefined ? variable : { ...variable, current: [value] };
  });
}
