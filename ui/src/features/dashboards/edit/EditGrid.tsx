import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconDotsVertical, IconPencil, IconPlus, IconRepeat } from '@tabler/icons-react';
import { type KeyboardEvent, memo, type ReactNode, useState } from 'react';
import { GridLayout, type Layout } from 'react-grid-layout';
import { EmptyState } from '@/components/EmptyState';
import { AddMenu } from '@/features/dashboards/edit/AddMenu';
import { inOrder, movePanels, moveRow, placeOf, removePanel, toggleRow, updatePanel } from '@/features/dashboards/edit/draft';
import { RowModal } from '@/features/dashboards/edit/RowModal';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { PanelActions } from '@/features/dashboards/edit/usePanelActions';
import { cellGap, cellHeight, gridColumns, type PlacedPanel } from '@/features/dashboards/model/grid';
import type { GridPos, PanelJson } from '@/features/dashboards/model/types';
import { allToken, interpolate, selectedValues, type Variable } from '@/features/dashboards/model/variables';
import { dashboardSearch } from '@/features/dashboards/dashboardSearch';
import { useSearchState } from '@/lib/useSearchState';
import classes from './edit.module.css';

interface EditGridProps {
  draft: Draft;
  variables: readonly Variable[];
  panelView: (placed: PlacedPanel) => ReactNode;
  actions: PanelActions;
}

/** Narrower than this, 24 columns are too small to be dragged: panels stand in their order. */
const narrowest = 720;

/** The dashboard's grid while it is edited: panels and rows are dragged and resized, by mouse or by keyboard. */
export function EditGrid({ draft, variables, panelView, actions }: EditGridProps) {
  const { ref, width } = useElementSize();
  const [, setSearch] = useSearchState(dashboardSearch);
  const panels = inOrder(draft.dashboard.panels ?? []);
  if (panels.length === 0) {
    return (
      <EmptyState
        title="Nothing here yet"
        action={
          <AddMenu draft={draft} setSearch={setSearch}>
            <Button leftSection={<IconPlus size={14} />}>Add</Button>
          </AddMenu>
        }
      >
        A panel shows the answer of a query; a row holds panels together.
      </EmptyState>
    );
  }
  const item = (panel: PanelJson) => (panel.type === 'row' ? <RowItem panel={panel} draft={draft} variables={variables} /> : <PanelItem panel={panel} variables={variables} panelView={panelView} />);
  const holder = (panel: PanelJson, style?: string) => (
    <div
      key={String(panel.id)}
      data-grid-id={panel.id}
      className={`${classes.item} ${style ?? ''}`}
      tabIndex={0}
      role="group"
      aria-label={`${panel.type === 'row' ? 'Row' : 'Panel'} ${panel.title || panel.type || ''}. Arrow keys move it, with Shift they resize it, Enter edits it, Delete removes it.`}
      onKeyDown={(event) => onItemKey(event, panel, actions, draft)}
    >
      {item(panel)}
    </div>
  );
  const commit = (layout: Layout) => {
    const places = new Map(layout.map(({ i, x, y, w, h }) => [Number(i), { x, y, w, h }]));
    draft.change((now) => movePanels(now, places), 'move');
  };
  return (
    <div ref={ref} className={classes.grid}>
      {width > 0 && width < narrowest && <div className={classes.stack}>{panels.map((panel) => holder(panel, panel.type === 'row' ? classes.stackRow : classes.stackPanel))}</div>}
      {width >= narrowest && (
        <GridLayout
          width={width}
          layout={panels.map((panel) => layoutItem(panel))}
          gridConfig={{ cols: gridColumns, rowHeight: cellHeight, margin: [cellGap, cellGap], containerPadding: [0, 0] }}
          dragConfig={{ enabled: true, handle: 'header, [data-drag]', cancel: 'button, a, input' }}
          resizeConfig={{ enabled: true, handles: ['se', 'e', 's'] }}
          onDragStop={(layout) => commit(layout)}
          onResizeStop={(layout) => commit(layout)}
        >
          {panels.map((panel) => holder(panel))}
        </GridLayout>
      )}
    </div>
  );
}

function layoutItem(panel: PanelJson) {
  const place = placeOf(panel);
  const row = panel.type === 'row';
  // An open row would leave its panels behind: it moves by its menu, with them.
  return { i: String(panel.id), ...bounded(place), isDraggable: !row || panel.collapsed === true, isResizable: !row, minW: row ? gridColumns : 1 };
}

function bounded({ x, y, w, h }: GridPos): GridPos {
  const width = Math.min(Math.max(w, 1), gridColumns);
  return { x: Math.min(Math.max(x, 0), gridColumns - width), y: Math.max(y, 0), w: width, h: Math.max(h, 1) };
}

const arrows: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onItemKey(event: KeyboardEvent<HTMLElement>, panel: PanelJson, actions: PanelActions, draft: Draft): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const arrow = arrows[event.key];
  if (arrow !== undefined) {
    const [x, y] = arrow;
    if (panel.type === 'row') {
      if (y !== 0) draft.change((now) => moveRow(now, panel.id, y < 0 ? -1 : 1));
    } else actions.nudge(panel.id, event.shiftKey ? { w: x, h: y } : { x, y });
  } else if (event.key === 'Enter') {
    if (panel.type === 'row') draft.change((now) => toggleRow(now, panel.id));
    else actions.edit(panel.id);
  } else if (event.key === 'Home' || event.key === 'End') {
    focusBeside(event.currentTarget, event.key === 'Home' ? 'first' : 'last');
  } else if (event.key === 'Delete' || event.key === 'Backspace') {
    focusBeside(event.currentTarget, 'next');
    actions.remove(panel.id);
  }
  else if (event.key === 'd' && panel.type !== 'row') actions.duplicate(panel.id);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Puts the focus onto another panel: removing one must not lose the place. */
function focusBeside(item: HTMLElement, which: 'first' | 'last' | 'next'): void {
  const all = [...(item.parentElement?.querySelectorAll<HTMLElement>('[data-grid-id]') ?? [])];
  const at = all.indexOf(item);
  const target = which === 'first' ? all[0] : which === 'last' ? all.at(-1) : (all[at + 1] ?? all[at - 1]);
  target?.focus();
}

function repeatName(panel: PanelJson): string | undefined {
  return panel.repeat === null || panel.repeat === undefined || panel.repeat === '' ? undefined : panel.repeat;
}

/** A panel once, with the first value of what it repeats by. */
const PanelItem = memo(function PanelItem({ panel, variables, panelView }: { panel: PanelJson; variables: readonly Variable[]; panelView: EditGridProps['panelView'] }) {
  const repeat = repeatName(panel);
  const variable = variables.find((one) => one.name === repeat);
  const value = variable === undefined ? undefined : selectedValues(variable).find((one) => one !== allToken);
  const scoped: Record<string, string> = repeat === undefined || value === undefined ? {} : { [repeat]: value };
  return (
    <>
      {panelView({ key: String(panel.id), panel, place: placeOf(panel), scoped })}
      {repeat !== undefined && (
        <span className={classes.repeat} title={`Repeated for every value of $${repeat}`}>
          <IconRepeat size={12} /> {repeat}
        </span>
      )}
    </>
  );
});

function RowItem({ panel, draft, variables }: { panel: PanelJson; draft: Draft; variables: readonly Variable[] }) {
  const [editing, setEditing] = useState(false);
  const collapsed = panel.collapsed === true;
  const repeat = repeatName(panel);
  return (
    <div className={classes.rowItem} data-drag={collapsed ? true : undefined}>
      <button type="button" className={classes.rowToggle} aria-expanded={!collapsed} onClick={() => draft.change((now) => toggleRow(now, panel.id))}>
        {collapsed ? <IconChevronRight size={15} /> : <IconChevronDown size={15} />}
        {interpolate(panel.title ?? '', variables) || 'Row'}
        {collapsed && <span className="dim"> ({panel.panels?.length ?? 0} panels)</span>}
      </button>
      {repeat !== undefined && (
        <span className={classes.rowRepeat}>
          <IconRepeat size={12} /> {repeat}
        </span>
      )}
      <Tooltip label="Title and repetition">
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Edit the row" onClick={() => setEditing(true)}>
          <IconPencil size={14} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-start" shadow="md" width={210}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Menu of the row ${panel.title ?? ''}`}>
            <IconDotsVertical size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => draft.change((now) => moveRow(now, panel.id, -1))}>Move the section up</Menu.Item>
          <Menu.Item onClick={() => draft.change((now) => moveRow(now, panel.id, 1))}>Move the section down</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => draft.change((now) => removePanel(now, panel.id))}>Remove the row only</Menu.Item>
          <Menu.Item color="var(--bad)" onClick={() => draft.change((now) => removePanel(now, panel.id, true))}>
            Remove the row and its panels
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {editing && <RowModal row={panel} variables={variables} onClose={() => setEditing(false)} onChange={(change) => draft.change((now) => updatePanel(now, panel.id, (one) => ({ ...one, ...change })))} />}
    </div>
  );
}
