import { Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconLogout, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { hashKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { PageDefinition } from '@/app/pages';
import { useVisiblePages } from '@/app/shell/useVisiblePages';
import { signOut } from '@/api/session';
import { sessionKey, useSession } from '@/components/useSession';
import type { RawSearch } from '@/lib/search';
import classes from './Shell.module.css';

interface RailProps {
  narrow: boolean;
  onToggle?: () => void;
  onNavigate?: () => void;
  onHelp: () => void;
  onPalette: () => void;
}

/** The navigation: the pages that this server has, then what concerns the reader. */
export function Rail({ narrow, onToggle, onNavigate, onHelp, onPalette }: RailProps) {
  const visible = useVisiblePages();
  const entry = (page: PageDefinition) => <PageLink key={page.path} page={page} narrow={narrow} onNavigate={onNavigate} />;
  return (
    <>
      <RailButton
        narrow={narrow}
        label="Search"
        icon={<IconSearch size={17} stroke={1.6} />}
        keys="Ctrl K"
        onClick={() => {
          onNavigate?.();
          onPalette();
        }}
      />
      {visible.filter((page) => page.end !== true).map(entry)}
      <div className={classes.spacer} />
      {visible.filter((page) => page.end === true).map(entry)}
      <div className={classes.foot}>
        <SchemeButton narrow={narrow} />
        <RailButton narrow={narrow} label="Shortcuts" icon={<IconKeyboard size={17} stroke={1.6} />} onClick={onHelp} />
        {onToggle && (
          <RailButton
            narrow={narrow}
            label={narrow ? 'Expand' : 'Collapse'}
            icon={narrow ? <IconLayoutSidebarLeftExpand size={17} stroke={1.6} /> : <IconLayoutSidebarLeftCollapse size={17} stroke={1.6} />}
            onClick={onToggle}
          />
        )}
        <SignOutButton narrow={narrow} />
      </div>
    </>
  );
}

function PageLink({ page, narrow, onNavigate }: { page: PageDefinition; narrow: boolean; onNavigate: (() => void) | undefined }) {
  const { pathname } = useLocation();
  const active = pathname === page.path || pathname.startsWith(`${page.path}/`);
  return (
    <Tooltip label={page.label} position="right" disabled={!narrow}>
      <Link
        to={page.path}
        // The time range goes along; the rest of the search belongs to the page that is left.
        search={({ from, to, refresh }: RawSearch) => ({ from, to, refresh })}
        className={classes.link}
        data-active={active}
        aria-current={active ? 'page' : undefined}
        onClick={onNavigate}
      >
        <page.icon size={17} stroke={1.6} aria-hidden />
        <span className={narrow ? 'visually-hidden' : undefined}>{page.label}</span>
      </Link>
    </Tooltip>
  );
}

function RailButton({ narrow, label, icon, keys, onClick }: { narrow: boolean; label: string; icon: ReactNode; keys?: string; onClick: () => void }) {
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <button type="button" className={classes.link} onClick={onClick}>
        {icon}
        <span className={narrow ? 'visually-hidden' : undefined}>{label}</span>
        {keys !== undefined && !narrow && <kbd className={classes.keys}>{keys}</kbd>}
      </button>
    </Tooltip>
  );
}

function SchemeButton({ narrow }: { narrow: boolean }) {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return (
    <RailButton
      narrow={narrow}
      label={scheme === 'dark' ? 'Light theme' : 'Dark theme'}
      icon={scheme === 'dark' ? <IconSun size={17} stroke={1.6} /> : <IconMoon size={17} stroke={1.6} />}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    />
  );
}

function SignOutButton({ narrow }: { narrow: boolean }) {
  const session = useSession();
  const queryClient = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      // Not clear(): what is mounted would go on observing a session that the cache
      // no longer has, and the sign-in page would never show.
      queryClient.setQueryData(sessionKey, null);
      queryClient.removeQueries({ predicate: (query) => query.queryHash !== hashKey(sessionKey) });
    },
  });
  if (!session.data || session.data.authMode === 'off') return null;
  return (
    <RailButton
      narrow={narrow}
      label={`Sign out ${session.data.user.name}`}
      icon={<IconLogout size={17} stroke={1.6} />}
      onClick={() => leave.mutate()}
    />
  );
}
