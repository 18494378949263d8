import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { DashboardList, DashboardSummary, Folder } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { folderPath, useFolders } from '@/features/dashboards/edit/FolderSelect';
import { BulkBar } from '@/features/dashboards/list/BulkBar';
import { DashboardRow } from '@/features/dashboards/list/DashboardRow';
import { findDashboards } from '@/features/dashboards/list/findDashboards';
import { FolderHead } from '@/features/dashboards/list/FolderHead';
import { FolderModal } from '@/features/dashboards/list/FolderModal';
import { recentDashboards } from '@/lib/recentDashboards';
import classes from '../DashboardsPage.module.css';

interface DashboardBrowserProps {
  data: DashboardList;
  text: string;
  tags: readonly string[];
  starred: boolean;
  canEdit: boolean;
}

interface Section {
  folder: Folder;
  path: string;
  inside: DashboardSummary[];
}

/** Dashboards by folder; starred and recently opened ones first while nothing is searched for. */
export function DashboardBrowser({ data, text, tags, starred, canEdit }: DashboardBrowserProps) {
  const folders = useFolders();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [making, setMaking] = useState(false);
  const [recent] = useState(recentDashboards);
  const filtered = text.trim() !== '' || tags.length > 0 || starred;
  const found = useMemo(() => findDashboards(data.dashboards, text, tags, starred), [data.dashboards, text, tags, starred]);
  const sections = useMemo(() => sectionsOf(data, folders.data ?? [], found, filtered), [data, folders.data, found, filtered]);
  const toggle = (uids: readonly string[], on: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      for (const uid of uids) if (on) next.add(uid); else next.delete(uid);
      return next;
    });
  const quick = filtered ? [] : [...data.dashboards.filter((one) => one.starred === true), ...recent.flatMap((uid) => data.dashboards.find((one) => one.uid === uid && one.starred !== true) ?? [])].slice(0, 8);
  const row = (one: DashboardSummary) => <DashboardRow key={one.uid} dashboard={one} canEdit={canEdit} chosen={chosen.has(one.uid)} onChoose={(on) => toggle([one.uid], on)} />;
  const counts = useMemo(() => new Map(data.folders.map((one) => [one.uid, one.count])), [data.folders]);
  const selected = data.dashboards.filter((one) => chosen.has(one.uid));
  return (
    <>
      <Notice messages={data.problems.map((problem) => `${problem.file}${problem.line === undefined ? '' : `:${problem.line}`}: ${problem.message}`)} />
      {selected.length > 0 && <BulkBar selected={selected} onClear={() => setChosen(new Set())} />}
      {quick.length > 0 && (
        <section className={classes.folder} aria-label="Starred and recent">
          <h2 className={classes.folderTitle}>Starred and recent</h2>
          <ul className={classes.rows}>
            {quick.map((one) => (
              <DashboardRow key={one.uid} dashboard={one} canEdit={canEdit} withFolder />
            ))}
          </ul>
        </section>
      )}
      {sections.map(({ folder, path, inside }) => (
        <section key={folder.uid} className={classes.folder} aria-label={path}>
          <FolderHead folder={folder} path={path} inside={inside} counts={counts} folders={folders.data ?? []} canEdit={canEdit} chosen={chosen} onChoose={toggle} />
          {inside.length > 0 ? <ul className={classes.rows}>{inside.map(row)}</ul> : <p className={classes.emptyFolder}>Empty</p>}
        </section>
      ))}
      {sections.length === 0 && <EmptyState title={starred && text === '' && tags.length === 0 ? 'No starred dashboards' : 'No dashboard matches'}>{starred && text === '' && tags.length === 0 ? 'The star beside a dashboard’s title keeps it here.' : 'Try fewer words or tags.'}</EmptyState>}
      {canEdit && !filtered && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => setMaking(true)}>
            New folder
          </Button>
        </div>
      )}
      {making && <FolderModal onClose={() => setMaking(false)} />}
    </>
  );
}

/** The folders that hold something that was found; empty ones too while nothing is searched for. */
function sectionsOf(data: DashboardList, folders: readonly Folder[], found: readonly DashboardSummary[], filtered: boolean): Section[] {
  const all = new Map<string, Folder>();
  for (const folder of data.folders) all.set(folder.uid, { uid: folder.uid, title: folder.title, ...(folder.parent_uid === undefined ? {} : { parent_uid: folder.parent_uid }) });
  for (const folder of folders) all.set(folder.uid, folder);
  for (const one of found) if (!all.has(one.folder.uid)) all.set(one.folder.uid, one.folder);
  const list = [...all.values()];
  return list
    .map((folder) => ({ folder, path: folder.uid === '' ? folder.title || 'General' : folderPath(folder, list), inside: found.filter((one) => one.folder.uid === folder.uid) }))
    .filter(({ inside, folder }) => inside.length > 0 || (!filtered && folder.uid !== ''))
    .sort((a, b) => a.path.localeCompare(b.path));
}
