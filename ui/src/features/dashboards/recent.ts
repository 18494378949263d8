const key = 'pharos.dashboards.recent';
const limit = 12;

/** The uids of dashboards that this browser opened last, newest first. */
export function recentVisits(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberVisit(uid: string): void {
  if (uid === '' || uid === 'new') return;
  try {
    localStorage.setItem(key, JSON.stringify([uid, ...recentVisits().filter((one) => one !== uid)].slice(0, limit)));
  } catch {
    // A browser that stores nothing has no recent dashboards.
  }
}
