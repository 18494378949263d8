import type { QueryClient } from '@tanstack/react-query';
import { createRootRoute, createRoute, createRouter, Navigate, Outlet } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { home, pages } from '@/app/pages';
import { NotFound } from '@/app/NotFound';
import { PageError } from '@/app/PageError';
import { Shell } from '@/app/shell/Shell';
import { LoadingState } from '@/components/LoadingState';
import { parseSearch, stringifySearch } from '@/lib/search';

function lazyPage(load: () => Promise<ComponentType>) {
  const Loaded = lazy(async () => ({ default: await load() }));
  return function LazyPage() {
    return (
      <Suspense fallback={<LoadingState label="Loading the page" />}>
        <Loaded />
      </Suspense>
    );
  };
}

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageError });
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const routes = pages.flatMap((page) =>
  [{ path: page.path, load: page.load }, ...(page.details ?? [])].map(({ path, load }) =>
    createRoute({ getParentRoute: () => shell, path, component: lazyPage(load), errorComponent: PageError }),
  ),
);

/** An address that no page has: the rail stays, so that it is no dead end. */
const nowhere = createRoute({ getParentRoute: () => shell, path: '$', component: NotFound });
const index = createRoute({ getParentRoute: () => shell, path: '/', component: () => <Navigate to={home} replace /> });
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyPage(async () => (await import('@/features/signin/SignInPage')).SignInPage),
});
const publicDashboard = createRoute({
  getParentRoute: () => root,
  path: '/public/$key',
  component: lazyPage(async () => (await import('@/features/dashboards/public/PublicDashboardPage')).PublicDashboardPage),
  errorComponent: PageError,
});
const snapshot = createRoute({
  getParentRoute: () => root,
  path: '/snapshot/$key',
  component: lazyPage(async () => (await import('@/features/dashboards/public/SnapshotPage')).SnapshotPage),
  errorComponent: PageError,
});

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([signIn, publicDashboard, snapshot, shell.addChildren([index, ...routes, nowhere])]),
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  });
}
