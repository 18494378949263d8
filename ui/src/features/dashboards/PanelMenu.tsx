import { ActionIcon, Menu } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconBraces, IconCode, IconCompass, IconDotsVertical, IconLink, IconMaximize, IconMinimize, IconTable } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { InspectTab } from '@/features/dashboards/inspect/InspectModal';
import type { Place } from '@/lib/links';
import classes from './DashboardPage.module.css';

interface PanelMenuProps {
  title: string;
  /** The panel's key in the dashboard: what "?panel=" says. */
  panelKey: string;
  full: boolean;
  onFull: (full: boolean) => void;
  onInspect: (tab: InspectTab) => void;
  /** Where the panel's query can be explored, if anywhere. */
  explore: () => Place | undefined;
  /** More items, such as those of editing. */
  more?: () => ReactNode;
}

/** What can be done with a panel. */
export function PanelMenu(props: PanelMenuProps) {
  return (
    <Menu position="bottom-end" shadow="md" width={190} withinPortal>
      <Menu.Target>
        <ActionIcon className={classes.menu} variant="subtle" color="gray" size="sm" aria-label={`Menu of ${props.title || 'the panel'}`}>
          <IconDotsVertical size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Items {...props} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** A component of its own: what the items need is found out when the menu is opened, not whenever the panel is drawn. */
function Items({ panelKey, full, onFull, onInspect, explore, more }: PanelMenuProps) {
  const { copy } = useClipboard();
  const place = explore();
  return (
    <>
      <Menu.Item leftSection={full ? <IconMinimize size={14} /> : <IconMaximize size={14} />} onClick={() => onFull(!full)}>
        {full ? 'Back to dashboard' : 'View full screen'}
      </Menu.Item>
      {place !== undefined && (
        <Menu.Item leftSection={<IconCompass size={14} />} component={Link} to={place.to as never} search={place.search as never}>
          Explore the query
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item leftSection={<IconTable size={14} />} onClick={() => onInspect('data')}>
        Show the data
      </Menu.Item>
      <Menu.Item leftSection={<IconCode size={14} />} onClick={() => onInspect('queries')}>
        Show the queries
      </Menu.Item>
      <Menu.Item leftSection={<IconBraces size={14} />} onClick={() => onInspect('json')}>
        Show the JSON
      </Menu.Item>
      <Menu.Item leftSection={<IconLink size={14} />} onClick={() => copy(panelAddress(window.location.href, panelKey))}>
        Copy the link
      </Menu.Item>
      {more?.()}
    </>
  );
}

/** The address that shows a panel alone, with the time and variables of now. */
export function panelAddress(address: string, panelKey: string): string {
  const url = new URL(address);
  url.searchParams.set('panel', panelKey);
  url.searchParams.delete('edit');
  return url.href;
}
