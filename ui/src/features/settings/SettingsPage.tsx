import { Page } from '@/components/Page';
import { useSession } from '@/components/useSession';
import { Account } from './Account';
import classes from './settings.module.css';
import { Tokens } from './Tokens';
import { Users } from './Users';

/** The reader's account; tokens and users for administrators. */
export function SettingsPage() {
  const session = useSession();
  const admin = session.data?.user.role === 'admin';
  return (
    <Page title="Settings">
      <div className={classes.page}>
        {session.data && <Account session={session.data} />}
        {admin && <Tokens />}
        {admin && session.data && <Users self={session.data.user.name} />}
      </div>
    </Page>
  );
}
