import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconChevronDown, IconDotsVertical, IconDownload, IconFileDiff, IconHistory, IconKeyboard, IconMail, IconMaximize, IconPencil, IconPlus, IconSettings, IconShare3, IconCopy, IconTrash } from '@tabler/icons-react';
import { dashboardSourcePath, type DashboardMeta } from '@/api/dashboards';
import { AddMenu } from '@/features/dashboards/edit/AddMenu';
import type { DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { DashboardSearch, SetDashboardSearch } from '@/features/dashboards/edit/searchTypes';

interface DashboardActionsProps {
  draft: Draft;
  meta: DashboardMeta;
  canEdit: boolean;
  editing: boolean;
  search: DashboardSearch;
  setSearch: SetDashboardSearch;
  setDialog: (dialog: DialogName) => void;
}

/** What can be done with the dashboard as a whole, in the heading line. */
export function DashboardActions(props: DashboardActionsProps) {
  const { draft, canEdit, editing, search, setSearch, setDialog, meta } = props;
  const inEditor = editing || search.edit !== '' || search.settings !== '';
  const isNew = meta.uid === 'new';
  return (
    <>
      {canEdit && (inEditor || draft.dirty) && (
        <>
          <Icon label="Undo (Ctrl+Z)" disabled={!draft.canUndo} onClick={draft.undo} icon={<IconArrowBackUp size={16} />} />
          <Icon label="Redo (Ctrl+Shift+Z)" disabled={!draft.canRedo} onClick={draft.redo} icon={<IconArrowForwardUp size={16} />} />
        </>
      )}
      {editing && search.edit === '' && search.settings === '' && (
        <AddMenu draft={draft} setSearch={setSearch}>
          <Button variant="default" leftSection={<IconPlus size={14} />} rightSection={<IconChevronDown size={13} />}>
            Add
          </Button>
        </AddMenu>
      )}
      {canEdit && search.edit !== '' && <Button variant="default" onClick={() => setSearch({ edit: '' })}>Back to dashboard</Button>}
      {search.settings !== '' && <Button variant="default" onClick={() => setSearch({ settings: '' })}>Back to dashboard</Button>}
      {search.panel !== '' && !inEditor && <Button variant="default" onClick={() => setSearch({ panel: '' })}>Back to dashboard</Button>}
      {canEdit && !inEditor && (
        <Tooltip label="Edit (e)">
          <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => setSearch({ editing: true, panel: '' })}>
            Edit
          </Button>
        </Tooltip>
      )}
      {canEdit && (inEditor || draft.dirty) && (
        <>
          {editing && !draft.dirty && !isNew && search.edit === '' && search.settings === '' && (
            <Button variant="default" onClick={() => setSearch({ editing: false })}>
              Done
            </Button>
          )}
          {draft.dirty && !isNew && (
            <Button variant="default" onClick={() => setDialog({ kind: 'discard' })}>
              Discard
            </Button>
          )}
          <Tooltip label="Save (Ctrl+S)">
            <Button disabled={!draft.dirty && !isNew} onClick={() => setDialog({ kind: 'save' })}>
              Save
            </Button>
          </Tooltip>
        </>
      )}
      {!isNew && <Icon label="Share (p)" icon={<IconShare3 size={16} />} onClick={() => setDialog({ kind: 'share' })} />}
      <MoreMenu {...props} isNew={isNew} />
    </>
  );
}

function MoreMenu({ meta, canEdit, setSearch, setDialog, isNew }: DashboardActionsProps & { isNew: boolean }) {
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <ActionIcon variant="default" size={28} aria-label="More about this dashboard">
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isNew && (
          <Menu.Item leftSection={<IconMaximize size={14} />} onClick={() => setSearch({ kiosk: true })}>
            Full screen
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconSettings size={14} />} onClick={() => setSearch({ settings: 'general', edit: '' })}>
          Settings
        </Menu.Item>
        {!isNew && (
          <>
            <Menu.Item leftSection={<IconHistory size={14} />} onClick={() => setSearch({ settings: 'versions', edit: '' })}>
              Versions
            </Menu.Item>
            <Menu.Item leftSection={<IconDownload size={14} />} component="a" href={dashboardSourcePath(meta.uid)} download={`${meta.uid}.json`}>
              Download JSON
            </Menu.Item>
            {canEdit && (
              <Menu.Item leftSection={<IconMail size={14} />} onClick={() => setDialog({ kind: 'report' })}>
                Report by e-mail
              </Menu.Item>
            )}
            {canEdit && meta.origin === 'override' && (
              <Menu.Item leftSection={<IconFileDiff size={14} />} onClick={() => setSearch({ settings: 'file', edit: '' })}>
                Changes to the file
              </Menu.Item>
            )}
            {canEdit && (
              <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => setDialog({ kind: 'saveAs' })}>
                Save as a copy
              </Menu.Item>
            )}
          </>
        )}
        <Menu.Item leftSection={<IconKeyboard size={14} />} onClick={() => setDialog({ kind: 'shortcuts' })}>
          Keyboard shortcuts
        </Menu.Item>
        {!isNew && canEdit && meta.origin !== 'file' && !(meta.provisioned && meta.origin === undefined) && (
          <Menu.Item color="var(--bad)" leftSection={<IconTrash size={14} />} onClick={() => setDialog({ kind: 'delete' })}>
            {meta.origin === 'override' ? 'Drop the saved changes' : 'Delete'}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Icon({ label, icon, onClick, disabled = false }: { label: string; icon: React.ReactNode; onClick: () => void; disabled?: boolean }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={28} aria-label={label.replace(/ \(.*/, '')} disabled={disabled} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
