import '@/app/theme/mantineStyles';
import '@mantine/notifications/styles.css';
import '@/app/theme/tokens.css';
import '@/app/theme/mantine.css';
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startPage } from '@/app/pages';
import { makeQueryClient } from '@/app/queryClient';
import { makeRouter } from '@/app/router';
import { theme } from '@/app/theme/theme';
import { sessionQuery } from '@/components/useSession';

const queryClient = makeQueryClient();
void queryClient.prefetchQuery(sessionQuery);
startPage(window.location.pathname, queryClient);
const router = makeRouter(queryClient);
// public/scheme.js reads the same key before the first paint.
const colorScheme = localStorageColorSchemeManager({ key: 'pharos.scheme' });
// A link may ask for a theme: pictures of dashboards, and pages that frame one.
const asked = new URLSearchParams(window.location.search).get('theme');
const forced = asked === 'light' || asked === 'dark' ? { forceColorScheme: asked as 'light' | 'dark' } : {};

const container = document.getElementById('root');
if (container === null) throw new Error('BUG: index.html has no #root');

createRoot(container).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={colorScheme} {...forced}>
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
