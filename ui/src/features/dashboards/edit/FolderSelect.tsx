import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Folder } from '@/api/dashboards';
import { listFolders } from '@/api/folders';

/** The root's value in the select, which takes no empty one. */
const root = '/';

/** "Team / Service" for a folder inside another. */
export function folderPath(folder: Folder, all: readonly Folder[]): string {
  const names = [folder.title];
  const seen = new Set([folder.uid]);
  for (let parent = folder.parent_uid; parent !== undefined && parent !== '' && !seen.has(parent); ) {
    seen.add(parent);
    const above = all.find((one) => one.uid === parent);
    if (above === undefined) break;
    names.unshift(above.title);
    parent = above.parent_uid;
  }
  return names.join(' / ');
}

export function useFolders() {
  return useQuery({ queryKey: ['folders'], queryFn: ({ signal }) => listFolders(signal), staleTime: 30_000, retry: false });
}

interface FolderSelectProps {
  value: string;
  onChange: (uid: string) => void;
  label?: string;
  /** The present folder, in case the list cannot be had. */
  known?: Folder;
  without?: readonly string[];
}

/** A choice of one folder by its path. */
export function FolderSelect({ value, onChange, label = 'Folder', known, without = [] }: FolderSelectProps) {
  const query = useFolders();
  const folders = query.data ?? (known === undefined || known.uid === '' ? [] : [known]);
  const data = [
    { value: root, label: 'General' },
    ...folders
      .filter((folder) => folder.uid !== '' && !without.includes(folder.uid))
      .map((folder) => ({ value: folder.uid, label: folderPath(folder, folders) }))
      .sort((a, b) => a.label.localeCompare(b.label)),
  ];
  if (value !== '' && !data.some((one) => one.value === value)) data.push({ value, label: known?.uid === value ? known.title : value });
  return <Select label={label} data={data} value={value === '' ? root : value} allowDeselect={false} searchable={data.length > 8} onChange={(next) => onChange(next === root || next === null ? '' : next)} error={query.isError ? 'The folders could not be loaded' : undefined} />;
}
