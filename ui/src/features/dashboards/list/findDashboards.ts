import type { DashboardSummary } from '@/api/dashboards';

/** Dashboards that contain every word of the text and have every tag. */
export function findDashboards(all: readonly DashboardSummary[], text: string, tags: readonly string[], starred = false): DashboardSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const haystack = [one.title, one.folder.title, one.description ?? '', ...one.tags].join('\n').toLowerCase();
    return (!starred || one.starred === true) && tags.every((tag) => one.tags.includes(tag)) && words.every((word) => haystack.includes(word));
  });
}
