import { Modal, Tabs } from '@mantine/core';
import { InspectData } from '@/features/dashboards/inspect/InspectData';
import { InspectJson } from '@/features/dashboards/inspect/InspectJson';
import { InspectQueries } from '@/features/dashboards/inspect/InspectQueries';
import type { PanelJson } from '@/features/dashboards/model/types';
import type { PanelState } from '@/features/dashboards/usePanel';

export type InspectTab = 'data' | 'queries' | 'json';

interface InspectModalProps {
  title: string;
  panel: PanelJson;
  state: PanelState;
  tab: InspectTab;
  onTab: (tab: InspectTab) => void;
  onClose: () => void;
}

/** What is behind a panel: its data, the queries as they were sent, its JSON. */
export function InspectModal({ title, panel, state, tab, onTab, onClose }: InspectModalProps) {
  return (
    <Modal opened onClose={onClose} title={title === '' ? 'Panel' : title} size="xl">
      <Tabs value={tab} onChange={(next) => next !== null && onTab(next as InspectTab)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="data">Data</Tabs.Tab>
          <Tabs.Tab value="queries">Queries</Tabs.Tab>
          <Tabs.Tab value="json">JSON</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="data" pt="sm">
          <InspectData title={title} state={state} />
        </Tabs.Panel>
        <Tabs.Panel value="queries" pt="sm">
          <InspectQueries state={state} />
        </Tabs.Panel>
        <Tabs.Panel value="json" pt="sm">
          <InspectJson title={title} panel={panel} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
