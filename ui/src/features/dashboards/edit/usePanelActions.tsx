import { Menu } from '@mantine/core';
import { IconClipboardCopy, IconCopy, IconLibrary, IconPencil, IconShare3, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import { duplicatePanel, findPanel, nudgePanel, removePanel } from '@/features/dashboards/edit/draft';
import { copyPanel } from '@/features/dashboards/edit/newPanel';
import type { SetDashboardSearch } from '@/features/dashboards/edit/searchTypes';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { done } from '@/features/dashboards/failed';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import type { GridPos } from '@/features/dashboards/model/types';

export interface PanelActions {
  /** Items of a panel's menu. */
  menuOf: (placed: PlacedPanel) => ReactNode;
  edit: (id: number) => void;
  duplicate: (id: number) => void;
  remove: (id: number) => void;
  copy: (id: number) => void;
  nudge: (id: number, by: Partial<GridPos>) => void;
}

interface PanelActionsInput {
  draft: Draft;
  uid: string;
  canEdit: boolean;
  setSearch: SetDashboardSearch;
  setDialog: (dialog: DialogName) => void;
}

/** What can be done with one panel, by menu or by key; the same object until the draft changes, so that panels need not be drawn anew. */
export function usePanelActions({ draft, uid, canEdit, setSearch, setDialog }: PanelActionsInput): PanelActions {
  return useMemo(() => panelActions({ draft, uid, canEdit, setSearch, setDialog }), [draft, uid, canEdit, setSearch, setDialog]);
}

function panelActions({ draft, uid, canEdit, setSearch, setDialog }: PanelActionsInput): PanelActions {
  const edit = (id: number) => setSearch({ edit: String(id), panel: '' });
  const duplicate = (id: number) => {
    draft.change(duplicatePanel(draft.dashboard, id).dashboard);
    setSearch({ editing: true, panel: '' });
  };
  const remove = (id: number) => {
    draft.change(removePanel(draft.dashboard, id));
    setSearch({ editing: true, panel: '', edit: '' });
    done('Panel removed. Ctrl+Z brings it back.');
  };
  const copy = (id: number) => {
    const panel = findPanel(draft.dashboard, id);
    if (panel !== undefined) done(copyPanel(panel) ? 'Copied. Add ▸ Paste puts it onto any dashboard.' : 'The panel is too large to copy.');
  };
  const menuOf = (placed: PlacedPanel) => {
    const { id } = placed.panel;
    return (
      <>
        {uid !== 'new' && (
          <Menu.Item leftSection={<IconShare3 size={14} />} onClick={() => setDialog({ kind: 'share', panel: placed })}>
            Share
          </Menu.Item>
        )}
        {canEdit && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => edit(id)} rightSection={<kbd>e</kbd>}>
              Edit
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => duplicate(id)}>
              Duplicate
            </Menu.Item>
            <Menu.Item leftSection={<IconClipboardCopy size={14} />} onClick={() => copy(id)}>
              Copy
            </Menu.Item>
            {placed.panel.libraryPanel === undefined && (
              <Menu.Item leftSection={<IconLibrary size={14} />} onClick={() => setDialog({ kind: 'library', id })}>
                Add to the library
              </Menu.Item>
            )}
            <Menu.Item color="var(--bad)" leftSection={<IconTrash size={14} />} onClick={() => remove(id)}>
              Remove
            </Menu.Item>
          </>
        )}
      </>
    );
  };
  return { menuOf, edit, duplicate, remove, copy, nudge: (id, by) => draft.change(nudgePanel(draft.dashboard, id, by), `nudge/${id}`) };
}
