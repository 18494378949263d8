import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { useSession } from '@/components/useSession';
import { useSearchState } from '@/lib/useSearchState';
import { Account } from './Account';
import classes from './settings.module.css';
import { type SettingsTab, settingsSearch } from './settingsSearch';
import { Tokens } from './Tokens';
import { Users } from './Users';

const tabs: { value: SettingsTab; label: string }[] = [
  { value: 'access', label: 'Account and access' },
  { value: 'pipelines', label: 'Pipelines' },
];

const PipelinesTab = lazy(async () => ({ default: (await import('./pipelines/PipelinesTab')).PipelinesTab }));

/** The reader's account, tokens and users for administrators; pipelines that run, and a bench to try one. */
export function SettingsPage() {
  const [{ tab }, set] = useSearchState(settingsSearch);
  return (
    <Page title="Settings" middle={<SegmentedControl aria-label="Part of the settings" data={tabs} value={tab} onChange={(value) => set({ tab: value as SettingsTab })} />}>
      {tab === 'access' ? (
        <Access />
      ) : (
        <Suspense fallback={<LoadingState label="Loading pipelines" />}>
          <PipelinesTab />
        </Suspense>
      )}
    </Page>
  );
}

function Access() {
  const session = useSession();
  const admin = session.data?.user.role === 'admin';
  return (
    <div className={classes.page}>
      {session.data && <Account session={session.data} />}
      {admin && <Tokens />}
      {admin && session.data && <Users self={session.data.user.name} />}
    </div>
  );
}
