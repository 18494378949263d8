import { ActionIcon, Checkbox, Menu } from '@mantine/core';
import { IconDotsVertical, IconFolder } from '@tabler/icons-react';
import { useState } from 'react';
import type { DashboardSummary, Folder } from '@/api/dashboards';
import { DeleteFolder } from '@/features/dashboards/list/DeleteFolder';
import { FolderModal } from '@/features/dashboards/list/FolderModal';
import { PermissionsModal } from '@/features/dashboards/list/PermissionsModal';
import { useSession } from '@/components/useSession';
import classes from '../DashboardsPage.module.css';

interface FolderHeadProps {
  folder: Folder;
  path: string;
  inside: readonly DashboardSummary[];
  /** Of folders, how many dashboards each holds itself. */
  counts: ReadonlyMap<string, number>;
  /** Those that can be renamed and given rights: not the ones of provisioned files. */
  folders: readonly Folder[];
  canEdit: boolean;
  chosen: ReadonlySet<string>;
  onChoose: (uids: readonly string[], on: boolean) => void;
}

/** A folder's name with what can be done to it. */
export function FolderHead({ folder, path, inside, counts, folders, canEdit, chosen, onChoose }: FolderHeadProps) {
  const [open, setOpen] = useState<'rename' | 'delete' | 'permissions' | 'child'>();
  const isAdmin = useSession().data?.user.role === 'admin';
  const uids = inside.map((one) => one.uid);
  const count = uids.filter((uid) => chosen.has(uid)).length;
  const known = folders.find((one) => one.uid === folder.uid && folder.uid !== '');
  const below = foldersBelow(folder.uid, folders);
  const holds = [folder.uid, ...below].reduce((sum, uid) => sum + (counts.get(uid) ?? 0), 0);
  const fixed = known?.provisioned === true;
  return (
    <div className={classes.folderHead}>
      {canEdit && inside.length > 0 && <Checkbox size="xs" aria-label={`Choose all of ${path}`} checked={count === uids.length} indeterminate={count > 0 && count < uids.length} onChange={(event) => onChoose(uids, event.currentTarget.checked)} />}
      <h2 className={classes.folderTitle}>
        <IconFolder size={15} /> {path} <span className="faint num">{inside.length}</span>
      </h2>
      {canEdit && known !== undefined && known.can_edit !== false && (!fixed || isAdmin) && (
        <Menu position="bottom-start" shadow="md" width={180}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Menu of the folder ${path}`}>
              <IconDotsVertical size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {!fixed && <Menu.Item onClick={() => setOpen('rename')}>Rename or move</Menu.Item>}
            {!fixed && <Menu.Item onClick={() => setOpen('child')}>New folder inside</Menu.Item>}
            {isAdmin && <Menu.Item onClick={() => setOpen('permissions')}>Permissions</Menu.Item>}
            {!fixed && (
              <Menu.Item color="var(--bad)" onClick={() => setOpen('delete')}>
                Delete
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {open === 'rename' && <FolderModal folder={folder} onClose={() => setOpen(undefined)} />}
      {open === 'child' && <FolderModal parent={folder.uid} onClose={() => setOpen(undefined)} />}
      {open === 'permissions' && <PermissionsModal folder={folder} onClose={() => setOpen(undefined)} />}
      {open === 'delete' && <DeleteFolder folder={folder} count={holds} inner={below.length} onClose={() => setOpen(undefined)} />}
    </div>
  );
}

/** The uids of the folders inside one, at any depth. */
function foldersBelow(uid: string, folders: readonly Folder[]): string[] {
  const found = new Set<string>();
  for (let level = [uid]; level.length > 0; ) {
    const next = folders.filter((one) => one.uid !== uid && level.includes(one.parent_uid ?? '') && one.parent_uid !== '' && !found.has(one.uid)).map((one) => one.uid);
    for (const one of next) found.add(one);
    level = next;
  }
  return [...found];
}
