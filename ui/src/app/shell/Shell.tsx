import { Drawer, UnstyledButton } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { IconMenu2 } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import { Help } from '@/app/shell/Help';
import { Rail } from '@/app/shell/Rail';
import { ServerAway } from '@/app/shell/ServerAway';
import { useShellShortcuts } from '@/app/shell/useShellShortcuts';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { Logo } from '@/components/Logo';
import { useSession } from '@/components/useSession';
import { TimeRangeProvider } from '@/components/useTimeRange';
import { forgetEverything } from '@/lib/forget';
import { useGo } from '@/lib/useGo';
import classes from './Shell.module.css';

/** Loaded when it is asked for the first time. */
const Palette = lazy(async () => ({ default: (await import('@/app/shell/palette/Palette')).Palette }));

/** Everything around a page: who is signed in, the rail, shortcuts, the shared time range. */
export function Shell() {
  const session = useSession();
  if (session.isPending) return <LoadingState label="Signing in" />;
  if (session.isError && session.data === undefined) {
    return (
      <div className={classes.centre}>
        <ErrorState title="Pharos does not answer" error={session.error} onRetry={() => void session.refetch()} />
        <ServerAway />
      </div>
    );
  }
  if (session.data === null) return <ToSignIn />;
  return (
    <TimeRangeProvider>
      <Frame />
    </TimeRangeProvider>
  );
}

/** Leads to the sign-in page, once, with the way back. */
function ToSignIn() {
  const go = useGo();
  // The place that was asked for: the location itself changes while the sign-in page loads.
  const { href } = useLocation();
  const [asked] = useState(href);
  useEffect(() => {
    forgetEverything();
    go({ to: '/sign-in', search: { return: asked } }, { replace: true });
  }, [go, asked]);
  return <LoadingState label="Signing in" />;
}

function Frame() {
  const [narrow, setNarrow] = useLocalStorage({ key: 'pharos.rail-narrow', defaultValue: false });
  const [menuOpen, menu] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  const [asked, setAsked] = useState(0);
  const openPalette = useCallback(() => setAsked((times) => times + 1), []);
  useShellShortcuts(help.open, openPalette);
  return (
    <div className={classes.shell} data-narrow={narrow}>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <nav className={classes.rail} aria-label="Pages">
        <Link to="/" className={classes.brand} aria-label="Pharos, start">
          <Logo />
          <span className={classes.label}>Pharos</span>
        </Link>
        <Rail narrow={narrow} onToggle={() => setNarrow(!narrow)} onHelp={help.open} onPalette={openPalette} />
      </nav>
      <header className={classes.topbar}>
        <UnstyledButton aria-label="Open the menu" onClick={menu.open} p={8} display="flex">
          <IconMenu2 size={20} />
        </UnstyledButton>
        <Link to="/" className={classes.brand}>
          <Logo />
          <span>Pharos</span>
        </Link>
      </header>
      <Drawer opened={menuOpen} onClose={menu.close} size={260} title="Pharos">
        <nav className={classes.drawer} aria-label="Pages">
          <Rail narrow={false} onNavigate={menu.close} onHelp={help.open} onPalette={openPalette} />
        </nav>
      </Drawer>
      <main id="main" className={classes.main} tabIndex={-1}>
        <ServerAway />
        <Outlet />
      </main>
      <Help opened={helpOpen} onClose={help.close} />
      {asked > 0 && (
        <Suspense fallback={null}>
          <Palette asked={asked} onHelp={help.open} />
        </Suspense>
      )}
    </div>
  );
}
