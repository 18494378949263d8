import { Menu } from '@mantine/core';
import { IconChartLine, IconClipboard, IconLibrary, IconRowInsertBottom, IconTypography } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { listLibraryPanels } from '@/api/libraryPanels';
import { addPanel, addRow } from '@/features/dashboards/edit/draft';
import { copiedPanel, newPanel } from '@/features/dashboards/edit/newPanel';
import type { SetDashboardSearch } from '@/features/dashboards/edit/searchTypes';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { PanelJson } from '@/features/dashboards/model/types';
import { useDatasources } from '@/features/dashboards/useDashboard';

interface AddMenuProps {
  draft: Draft;
  setSearch: SetDashboardSearch;
  children: ReactNode;
}

/** What can be put onto the dashboard: a panel, a text, a row, a copied or a library panel. */
export function AddMenu({ draft, setSearch, children }: AddMenuProps) {
  const [opened, setOpened] = useState(false);
  const datasources = useDatasources().data ?? [];
  const library = useQuery({ queryKey: ['library-panels'], queryFn: ({ signal }) => listLibraryPanels<PanelJson>(signal), enabled: opened, staleTime: 30_000, retry: false });
  const copied = opened ? copiedPanel() : undefined;
  const add = (panel: Omit<PanelJson, 'id'>, open: boolean) => {
    const { dashboard, id } = addPanel(draft.dashboard, panel);
    draft.change(dashboard);
    if (open) setSearch({ edit: String(id), panel: '' });
    else scrollTo(id);
  };
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-end" shadow="md" width={220}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflow: 'auto' }}>
        <Menu.Item leftSection={<IconChartLine size={14} />} onClick={() => add(newPanel(datasources), true)}>
          Panel
        </Menu.Item>
        <Menu.Item leftSection={<IconTypography size={14} />} onClick={() => add({ ...newPanel(datasources, 'text'), title: '' }, true)}>
          Text
        </Menu.Item>
        <Menu.Item
          leftSection={<IconRowInsertBottom size={14} />}
          onClick={() => {
            const { dashboard, id } = addRow(draft.dashboard, 'New row');
            draft.change(dashboard);
            scrollTo(id);
          }}
        >
          Row
        </Menu.Item>
        {copied !== undefined && (
          <Menu.Item leftSection={<IconClipboard size={14} />} onClick={() => add(copied, false)}>
            Paste “{copied.title || copied.type}”
          </Menu.Item>
        )}
        {(library.data ?? []).length > 0 && <Menu.Label>Library panels</Menu.Label>}
        {(library.data ?? []).map((one) => (
          <Menu.Item key={one.uid} leftSection={<IconLibrary size={14} />} onClick={() => add({ ...one.model, libraryPanel: { uid: one.uid, name: one.name } }, false)}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Brings a new panel into view, once it is drawn. */
function scrollTo(id: number): void {
  setTimeout(() => document.querySelector(`[data-grid-id="${id}"]`)?.scrollIntoView({ block: 'center', behavior: 'smooth' }), 80);
}
