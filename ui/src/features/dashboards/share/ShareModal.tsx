import { Modal, Tabs } from '@mantine/core';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import { ExportTab } from '@/features/dashboards/share/ExportTab';
import { LinkTab } from '@/features/dashboards/share/LinkTab';
import { PictureTab } from '@/features/dashboards/share/PictureTab';
import { PublicTab } from '@/features/dashboards/share/PublicTab';
import { SnapshotTab } from '@/features/dashboards/share/SnapshotTab';
import classes from './share.module.css';

interface ShareModalProps extends DialogContext {
  panel: PlacedPanel | undefined;
  onClose: () => void;
}

/** Ways to show a dashboard, or one panel of it, to others. */
export function ShareModal({ panel, onClose, ...rest }: ShareModalProps) {
  const { draft, meta } = rest;
  const what = panel === undefined ? draft.dashboard.title : panel.panel.title || 'the panel';
  const canEdit = meta.can_edit !== false || rest.copyOnly;
  return (
    <Modal opened onClose={onClose} title={`Share ${what}`} size="lg">
      {draft.dirty && <p className={classes.note}>Unsaved changes are not part of links and pictures; snapshots and exports have them.</p>}
      <Tabs defaultValue="link" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="link">Link</Tabs.Tab>
          <Tabs.Tab value="picture">{panel === undefined ? 'PNG, PDF, CSV' : 'PNG, CSV'}</Tabs.Tab>
          {panel === undefined && canEdit && <Tabs.Tab value="public">Public link</Tabs.Tab>}
          {panel === undefined && canEdit && <Tabs.Tab value="snapshot">Snapshot</Tabs.Tab>}
          {panel === undefined && <Tabs.Tab value="export">Export</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="link">
          <LinkTab {...rest} panel={panel} />
        </Tabs.Panel>
        <Tabs.Panel value="picture">
          <PictureTab {...rest} panel={panel} />
        </Tabs.Panel>
        <Tabs.Panel value="public">
          <PublicTab {...rest} />
        </Tabs.Panel>
        <Tabs.Panel value="snapshot">
          <SnapshotTab {...rest} />
        </Tabs.Panel>
        <Tabs.Panel value="export">
          <ExportTab {...rest} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
