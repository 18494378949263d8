import { Page } from '@/components/Page';
import { useSession } from '@/components/useSession';
import { Account } from './Account';
import { Redaction } from './Redaction';
import classes from './settings.module.css';
import { Tokens } from './Tokens';
import { Users } from './Users';

/** The reader's account; redaction for whoever may edit, tokens and users for administrators. */
export function SettingsPage() {
  const session = useSession();
  const admin = session.data?.user.role === 'admin';
  const editor = admin || session.data?.user.role === 'editor';
  return (
    <Page title="Settings">
      <div className={classes.page}>
        {session.data && <Account session={session.data} />}
        {admin && <Tokens />}
        {admin && session.data && <Users self={session.data.user.name} />}
        {editor && <Redaction />}
      </div>
    </Page>
  );
}
