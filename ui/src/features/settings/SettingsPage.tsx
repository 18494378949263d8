import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { LoadingState } from '@/components/LoadingState';
import { Page } from '@/components/Page';
import { useSession } from '@/components/useSession';
import { useSearchState } from '@/lib/useSearchState';
import { Account } from './Account';
import { Redaction } from './Redaction';
import classes from './settings.module.css';
import { type SettingsTab, settingsSearch } from './settingsSearch';
import { Tokens } from './Tokens';
import { Users } from './Users';

const tabs: { value: SettingsTab; label: string; editors?: boolean }[] = [
  { value: 'access', label: 'Account and access' },
  { value: 'pipelines', label: 'Pipelines' },
  { value: 'redaction', label: 'Redaction', editors: true },
];

const PipelinesTab = lazy(async () => ({ default: (await import('./pipelines/PipelinesTab')).PipelinesTab }));

/** The reader's account, tokens and users for administrators; pipelines that run, and a bench to try one; redaction for whoever may edit. */
export function SettingsPage() {
  const [{ tab }, set] = useSearchState(settingsSearch);
  const session = useSession();
  const edits = session.data?.user.role === 'admin' || session.data?.user.role === 'editor';
  const data = tabs.filter((one) => edits || !one.editors);
  return (
    <Page title="Settings" middle={<SegmentedControl aria-label="Part of the settings" data={data} value={tab} onChange={(value) => set({ tab: value as SettingsTab })} />}>
      {tab === 'pipelines' && (
        <Suspense fallback={<LoadingState label="Loading pipelines" />}>
          <PipelinesTab />
        </Suspense>
      )}
      {tab === 'redaction' && edits && (
        <div className={classes.page}>
          <Redaction />
        </div>
      )}
      {tab === 'access' && <Access />}
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
