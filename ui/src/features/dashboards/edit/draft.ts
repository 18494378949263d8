import { gridColumns } from '@/features/dashboards/model/grid';
import type { DashboardJson, GridPos, PanelJson } from '@/features/dashboards/model/types';

/**
 * Changes to a dashboard as functions from one model to the next. Nothing is
 * changed in place, so that undo keeps the models before; keys that Pharos does
 * not know stay where they are.
 */

/** Grafana's place of a panel without one. */
export const defaultPlace: GridPos = { x: 0, y: 0, w: 12, h: 8 };

export function placeOf(panel: PanelJson): GridPos {
  return panel.gridPos ?? defaultPlace;
}

/** All panels, those in collapsed rows too; rows are not among them. */
export function allPanels(dashboard: DashboardJson): PanelJson[] {
  return (dashboard.panels ?? []).flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}

export function findPanel(dashboard: DashboardJson, id: number): PanelJson | undefined {
  return everyPanel(dashboard).find((panel) => panel.id === id);
}

function everyPanel(dashboard: DashboardJson): PanelJson[] {
  return (dashboard.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

/** An id that no panel has yet. */
export function nextPanelId(dashboard: DashboardJson): number {
  return Math.max(0, ...everyPanel(dashboard).map((panel) => panel.id || 0)) + 1;
}

/** Panels as the file orders them: by row, then by column. */
export function inOrder(panels: readonly PanelJson[]): PanelJson[] {
  return [...panels].sort((a, b) => placeOf(a).y - placeOf(b).y || placeOf(a).x - placeOf(b).x);
}

function bottomOf(panels: readonly PanelJson[]): number {
  return Math.max(0, ...panels.map((panel) => placeOf(panel).y + placeOf(panel).h));
}

/** The first gap that a panel of this size fits into, from the top; below everything when there is none. */
export function freePlace(dashboard: DashboardJson, w: number, h: number): GridPos {
  const panels = dashboard.panels ?? [];
  const bottom = bottomOf(panels);
  // After the last row, or a new panel would land in somebody's section.
  const lastRow = Math.max(-1, ...panels.filter((panel) => panel.type === 'row').map((panel) => placeOf(panel).y));
  for (let y = lastRow + 1; y < bottom; y++) {
    for (let x = 0; x + w <= gridColumns; x++) {
      const place = { x, y, w, h };
      if (!panels.some((panel) => overlaps(placeOf(panel), place))) return place;
    }
  }
  return { x: 0, y: bottom, w, h };
}

export function overlaps(a: GridPos, b: GridPos): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** The dashboard with one more panel in the first free place. */
export function addPanel(dashboard: DashboardJson, panel: Omit<PanelJson, 'id'>): { dashboard: DashboardJson; id: number } {
  const id = nextPanelId(dashboard);
  const { w, h } = panel.gridPos ?? defaultPlace;
  const placed: PanelJson = { ...panel, id, gridPos: freePlace(dashboard, w, h) };
  return { dashboard: { ...dashboard, panels: [...(dashboard.panels ?? []), placed] }, id };
}

/** The dashboard with a new row below everything. */
export function addRow(dashboard: DashboardJson, title: string): { dashboard: DashboardJson; id: number } {
  const id = nextPanelId(dashboard);
  const panels = dashboard.panels ?? [];
  const row: PanelJson = { id, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y: bottomOf(panels), w: gridColumns, h: 1 } };
  return { dashboard: { ...dashboard, panels: [...panels, row] }, id };
}

/** The dashboard with one panel replaced, wherever it is. */
export function updatePanel(dashboard: DashboardJson, id: number, change: (panel: PanelJson) => PanelJson): DashboardJson {
  const visit = (panel: PanelJson): PanelJson => {
    if (panel.id === id) return change(panel);
    if (panel.panels?.some((inner) => inner.id === id)) return { ...panel, panels: panel.panels.map(visit) };
    return panel;
  };
  return { ...dashboard, panels: (dashboard.panels ?? []).map(visit) };
}

/** The dashboard without a panel; a row leaves its panels, unless they go with it. */
export function removePanel(dashboard: DashboardJson, id: number, withPanels = false): DashboardJson {
  const panels = dashboard.panels ?? [];
  const row = panels.find((panel) => panel.id === id && panel.type === 'row');
  if (row === undefined) {
    return { ...dashboard, panels: panels.filter((panel) => panel.id !== id).map((panel) => (panel.panels === undefined ? panel : { ...panel, panels: panel.panels.filter((inner) => inner.id !== id) })) };
  }
  const doomed = withPanels ? new Set(panelsOfRow(dashboard, row).map((panel) => panel.id)) : new Set<number>();
  const freed = withPanels || row.collapsed !== true ? [] : (row.panels ?? []);
  const rest = expandedInto(panels, row, freed).filter((panel) => panel.id !== id && !doomed.has(panel.id));
  return compacted({ ...dashboard, panels: rest });
}

/** The panels that belong to a row: those inside when it is collapsed, those up to the next row when it is open. */
export function panelsOfRow(dashboard: DashboardJson, row: PanelJson): PanelJson[] {
  if (row.collapsed === true) return row.panels ?? [];
  const sorted = inOrder(dashboard.panels ?? []);
  const start = sorted.findIndex((panel) => panel.id === row.id);
  const after = sorted.slice(start + 1);
  const next = after.findIndex((panel) => panel.type === 'row');
  return next === -1 ? after : after.slice(0, next);
}

/** Panels of a collapsed row put below it; what stands lower moves down by their height. */
function expandedInto(panels: readonly PanelJson[], row: PanelJson, inside: readonly PanelJson[]): PanelJson[] {
  if (inside.length === 0) return [...panels];
  const from = placeOf(row).y + 1;
  const top = Math.min(...inside.map((panel) => placeOf(panel).y));
  const height = bottomOf(inside) - top;
  const lower = panels.map((panel) => (placeOf(panel).y >= from ? { ...panel, gridPos: { ...placeOf(panel), y: placeOf(panel).y + height } } : panel));
  return [...lower, ...inside.map((panel) => ({ ...panel, gridPos: { ...placeOf(panel), y: placeOf(panel).y - top + from } }))];
}

/** Opens or closes a row: a closed one holds its panels itself, as in Grafana's files. */
export function toggleRow(dashboard: DashboardJson, id: number): DashboardJson {
  const panels = dashboard.panels ?? [];
  const row = panels.find((panel) => panel.id === id && panel.type === 'row');
  if (row === undefined) return dashboard;
  if (row.collapsed === true) {
    const opened = expandedInto(panels, row, row.panels ?? []).map((panel) => (panel.id === id ? { ...panel, collapsed: false, panels: [] } : panel));
    return compacted({ ...dashboard, panels: opened });
  }
  const inside = panelsOfRow(dashboard, row);
  const ids = new Set(inside.map((panel) => panel.id));
  const closed = panels.filter((panel) => !ids.has(panel.id)).map((panel) => (panel.id === id ? { ...panel, collapsed: true, panels: inside } : panel));
  return compacted({ ...dashboard, panels: closed });
}

/** A copy beside or below the panel. A library panel's copy stays one. */
export function duplicatePanel(dashboard: DashboardJson, id: number): { dashboard: DashboardJson; id: number } {
  const original = findPanel(dashboard, id);
  if (original === undefined) return { dashboard, id };
  const copyId = nextPanelId(dashboard);
  const at = placeOf(original);
  const beside = at.x + at.w * 2 <= gridColumns;
  const gridPos = beside ? { ...at, x: at.x + at.w } : { ...at, y: at.y + at.h };
  const copy: PanelJson = { ...structuredClone(original), id: copyId, gridPos };
  const panels = dashboard.panels ?? [];
  const holder = panels.find((panel) => panel.panels?.some((inner) => inner.id === id));
  if (holder !== undefined) {
    return { dashboard: updatePanel(dashboard, holder.id, (row) => ({ ...row, panels: [...(row.panels ?? []), copy] })), id: copyId };
  }
  const pushed = panels.map((panel) => (!beside && panel.id !== id && placeOf(panel).y >= gridPos.y ? { ...panel, gridPos: { ...placeOf(panel), y: placeOf(panel).y + at.h } } : panel));
  return { dashboard: compacted({ ...dashboard, panels: [...pushed, copy] }), id: copyId };
}

/** The dashboard with new places of its top-level panels, by id. */
export function movePanels(dashboard: DashboardJson, places: ReadonlyMap<number, GridPos>): DashboardJson {
  let changed = false;
  const panels = (dashboard.panels ?? []).map((panel) => {
    const next = places.get(panel.id);
    const now = placeOf(panel);
    if (next === undefined || (next.x === now.x && next.y === now.y && next.w === now.w && next.h === now.h)) return panel;
    changed = true;
    return { ...panel, gridPos: { ...panel.gridPos, ...next } };
  });
  return changed ? { ...dashboard, panels: inOrder(panels) } : dashboard;
}

/** One step of a panel by keyboard: to another cell, or to another size. What it would cover gives way downwards. */
export function nudgePanel(dashboard: DashboardJson, id: number, by: Partial<GridPos>): DashboardJson {
  const panel = (dashboard.panels ?? []).find((one) => one.id === id);
  if (panel === undefined) return dashboard;
  const at = placeOf(panel);
  const row = panel.type === 'row';
  const w = row ? gridColumns : clamp(at.w + (by.w ?? 0), 1, gridColumns);
  const h = row ? 1 : Math.max(1, at.h + (by.h ?? 0));
  const x = row ? 0 : clamp(at.x + (by.x ?? 0), 0, gridColumns - w);
  let y = Math.max(0, at.y + (by.y ?? 0));
  // Up and down by whole panels: a cell inside a neighbour would only be pushed back.
  if ((by.y ?? 0) !== 0) y = jump(dashboard, panel, by.y ?? 0);
  const next = { x, y, w, h };
  const others = (dashboard.panels ?? []).filter((one) => one.id !== id);
  const moved = { ...panel, gridPos: { ...panel.gridPos, ...next } };
  return compacted({ ...dashboard, panels: settle(moved, others, (by.y ?? 0) < 0) });
}

/** The row above or below to which a step leads: past the neighbours that stand in the panel's columns. */
function jump(dashboard: DashboardJson, panel: PanelJson, direction: number): number {
  const at = placeOf(panel);
  const beside = (dashboard.panels ?? []).filter((one) => one.id !== panel.id && placeOf(one).x < at.x + at.w && at.x < placeOf(one).x + placeOf(one).w);
  if (direction < 0) {
    const above = beside.filter((one) => placeOf(one).y + placeOf(one).h <= at.y).map((one) => placeOf(one).y);
    return above.length === 0 ? 0 : Math.max(...above);
  }
  const below = beside.filter((one) => placeOf(one).y >= at.y + at.h).map((one) => placeOf(one).y + placeOf(one).h);
  return below.length === 0 ? at.y : Math.min(...below);
}

/** The panel first at its place (or last, when it moved down), the others around it. */
function settle(moved: PanelJson, others: readonly PanelJson[], first: boolean): PanelJson[] {
  const order = inOrder([moved, ...others]);
  if (!first) return order;
  const at = placeOf(moved).y;
  return order.sort((a, b) => placeOf(a).y - placeOf(b).y || (a.id === moved.id && placeOf(a).y === at ? -1 : b.id === moved.id ? 1 : placeOf(a).x - placeOf(b).x));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Every panel as high as it can go without covering one before it: what Grafana's grid does too. */
export function compacted(dashboard: DashboardJson): DashboardJson {
  const skyline = new Array<number>(gridColumns).fill(0);
  const panels = stableOrder(dashboard.panels ?? []).map((panel) => {
    const at = placeOf(panel);
    const x = clamp(at.x, 0, gridColumns - 1);
    const w = clamp(at.w, 1, gridColumns - x);
    const y = Math.max(...skyline.slice(x, x + w), 0);
    skyline.fill(y + at.h, x, x + w);
    return y === at.y && x === at.x && w === at.w ? panel : { ...panel, gridPos: { ...at, x, y, w } };
  });
  return { ...dashboard, panels };
}

/** Sorted by row; panels of one row keep the order they have, which settle() chose. */
function stableOrder(panels: readonly PanelJson[]): PanelJson[] {
  return [...panels].sort((a, b) => placeOf(a).y - placeOf(b).y);
}

/** The dashboard with a row and its panels one section further up (-1) or down (1). */
export function moveRow(dashboard: DashboardJson, id: number, direction: -1 | 1): DashboardJson {
  const sections: PanelJson[][] = [[]];
  for (const panel of inOrder(dashboard.panels ?? [])) {
    if (panel.type === 'row') sections.push([panel]);
    else sections.at(-1)?.push(panel);
  }
  const at = sections.findIndex((section) => section[0]?.id === id && section[0].type === 'row');
  const other = at + direction;
  // The first section has no heading and stays first.
  if (at < 1 || other < 1 || other >= sections.length) return dashboard;
  [sections[at], sections[other]] = [sections[other] ?? [], sections[at] ?? []];
  let y = 0;
  const panels = sections.flatMap((section) => {
    const top = Math.min(...section.map((panel) => placeOf(panel).y), Infinity);
    const moved = section.map((panel) => ({ ...panel, gridPos: { ...placeOf(panel), y: placeOf(panel).y - top + y } }));
    y = Math.max(y, bottomOf(moved));
    return moved;
  });
  return { ...dashboard, panels };
}
