import type { DashboardSummary } from '@/api/dashboards';
import type { PlaylistItem } from '@/api/playlists';

/** The dashboards of a playlist in their order: a tag stands for all that have it, by title. */
export function playlistOrder(items: readonly PlaylistItem[], dashboards: readonly Pick<DashboardSummary, 'uid' | 'title' | 'tags'>[]): string[] {
  return items.flatMap((item) => {
    if ('uid' in item) return dashboards.some((one) => one.uid === item.uid) ? [item.uid] : [];
    return dashboards
      .filter((one) => one.tags.includes(item.tag))
      .sort((a, b) => a.title.localeCompare(b.title))
      .map((one) => one.uid);
  });
}
