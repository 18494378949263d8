import type { DashboardSummary } from '@/api/dashboards';
import { listOption, option } from '@/features/dashboards/panels/types';

/** A dashboard as the lists need it; "starred" comes with the server's newer answers. */
export type ListedDashboard = DashboardSummary & { starred?: boolean };

export interface DashboardSection {
  title: string;
  dashboards: ListedDashboard[];
}

/** The lists that a panel's options ask for: starred, recently viewed, found. A dashboard is in the first of them only. */
export function dashboardSections(all: readonly ListedDashboard[], recent: readonly string[], options: Record<string, unknown> | undefined, replace: (text: string) => string): DashboardSection[] {
  const most = Math.max(1, option(options, 'maxItems', 10));
  const taken = new Set<string>();
  const take = (list: readonly ListedDashboard[]): ListedDashboard[] => {
    const fresh = list.filter((one) => !taken.has(one.uid)).slice(0, most);
    for (const one of fresh) taken.add(one.uid);
    return fresh;
  };
  const sections: DashboardSection[] = [];
  if (option(options, 'showStarred', true)) sections.push({ title: 'Starred', dashboards: take(all.filter((one) => one.starred === true)) });
  if (option(options, 'showRecentlyViewed', false)) {
    sections.push({ title: 'Recently viewed', dashboards: take(recent.flatMap((uid) => all.find((one) => one.uid === uid) ?? [])) });
  }
  if (option(options, 'showSearch', false)) sections.push({ title: 'Search', dashboards: take(searched(all, options, replace)) });
  return sections;
}

function searched(all: readonly ListedDashboard[], options: Record<string, unknown> | undefined, replace: (text: string) => string): ListedDashboard[] {
  const words = replace(option(options, 'query', '')).toLowerCase().split(/\s+/).filter(Boolean);
  const tags = listOption(options, 'tags').map(replace);
  const folder = option(options, 'folderUID', '');
  return all.filter(
    (one) => words.every((word) => one.title.toLowerCase().includes(word)) && tags.every((tag) => one.tags.includes(tag)) && (folder === '' || one.folder.uid === folder || (folder === 'general' && one.folder.title === '')),
  );
}
