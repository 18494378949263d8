const key = 'pharos.dashboards.recent';
const most = 30;

/** The uids of the dashboards that were looked at in this browser, the last one first. */
export function recentDashboards(): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string').slice(0, most) : [];
  } catch {
    return []; // Storage may be refused, or hold something of someone else.
  }
}

/** Remembers that a dashboard was looked at. */
export function rememberDashboard(uid: string): void {
  try {
    localStorage.setItem(key, JSON.stringify([uid, ...recentDashboards().filter((one) => one !== uid)].slice(0, most)));
  } catch {
    // Without storage nothing is remembered, and nothing else is missing.
  }
}
