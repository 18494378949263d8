import { IconActivityHeartbeat, IconBell, IconCompass, IconHome, IconLayoutDashboard, IconPlugConnected, IconSettings, IconTargetArrow, IconTestPipe, type Icon } from '@tabler/icons-react';
import type { QueryClient } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { prefetchDashboard } from '@/features/dashboards/sources';

type Load = () => Promise<ComponentType>;

/** A page of the navigation rail; order is the rail's order. */
export interface PageDefinition {
  path: string;
  label: string;
  icon: Icon;
  /** The second key of its shortcut: g, then this. */
  key: string;
  load: Load;
  /** Routes below the page that the rail does not list. */
  details?: readonly { path: string; load: Load; prefetch?: (client: QueryClient, path: string) => void }[];
  /** A GET that must answer 200 before the rail shows the page; always shown without. */
  probe?: string;
  /** Pinned to the rail's end. */
  end?: boolean;
}

export const pages: readonly PageDefinition[] = [
  {
    path: '/overview',
    label: 'Overview',
    icon: IconHome,
    key: 'o',
    load: async () => (await import('@/features/overview/OverviewPage')).OverviewPage,
  },
  {
    path: '/explore',
    label: 'Explore',
    icon: IconCompass,
    key: 'e',
    load: async () => (await import('@/features/explore/ExplorePage')).ExplorePage,
  },
  {
    path: '/tail',
    label: 'Live tail',
    icon: IconActivityHeartbeat,
    key: 'l',
    load: async () => (await import('@/features/livetail/LiveTailPage')).LiveTailPage,
  },
  {
    path: '/dashboards',
    label: 'Dashboards',
    icon: IconLayoutDashboard,
    key: 'd',
    load: async () => (await import('@/features/dashboards/DashboardsPage')).DashboardsPage,
    details: [{ path: '/dashboards/$uid', load: async () => (await import('@/features/dashboards/DashboardPage')).DashboardPage, prefetch: prefetchDashboard }],
  },
  {
    path: '/alerts',
    label: 'Alerts',
    icon: IconBell,
    key: 'a',
    load: async () => (await import('@/features/alerts/AlertsPage')).AlertsPage,
  },
  {
    path: '/targets',
    label: 'Targets',
    icon: IconTargetArrow,
    key: 't',
    load: async () => (await import('@/features/targets/TargetsPage')).TargetsPage,
  },
  {
    path: '/simulator',
    label: 'Simulator',
    icon: IconTestPipe,
    key: 'm',
    load: async () => (await import('@/features/simulator/SimulatorPage')).SimulatorPage,
    probe: '/api/pharos/v1/simulator',
  },
  {
    path: '/connect',
    label: 'Get data in',
    icon: IconPlugConnected,
    key: 'i',
    load: async () => (await import('@/features/connect/ConnectPage')).ConnectPage,
    end: true,
  },
  {
    path: '/settings',
    label: 'Settings',
    icon: IconSettings,
    key: 's',
    load: async () => (await import('@/features/settings/SettingsPage')).SettingsPage,
    end: true,
  },
];

/** Where "/" leads. */
export const home = pages[0]?.path ?? '/explore';

/** Loads the page at a path, and the first of its data, before anything is drawn: it need not wait for who is signed in. */
export function startPage(path: string, client: QueryClient): void {
  const routes = pages.flatMap((page) => [{ path: page.path, load: page.load, prefetch: undefined }, ...(page.details ?? []).map((one) => ({ prefetch: undefined, ...one }))]);
  const found = routes.find((route) => new RegExp(`^${route.path.replace(/\$\w+/g, '[^/]+')}/?$`).test(path === '/' ? home : path));
  if (found === undefined) return;
  // A failure is shown where the page is drawn, which loads it again.
  found.load().catch(() => undefined);
  found.prefetch?.(client, path);
}
