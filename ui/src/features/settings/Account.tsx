import { Button, PasswordInput, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changePassword, type Session } from '@/api/session';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import classes from './settings.module.css';

export function Account({ session }: { session: Session }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Panel title="Account">
      <dl className={classes.facts}>
        <dt>Name</dt>
        <dd>{session.user.name}</dd>
        <dt>Role</dt>
        <dd>{session.user.role}</dd>
        <dt>Tenant</dt>
        <dd>{session.user.tenant}</dd>
        <dt>Theme</dt>
        <dd>
          <SegmentedControl
            aria-label="Theme"
            data={[
              { value: 'auto', label: 'As the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
          />
        </dd>
      </dl>
      {session.authMode === 'off' ? <p className="dim">Authentication is off: everybody who reaches this address is an administrator.</p> : <PasswordForm />}
    </Panel>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword(current, next),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      notifications.show({ message: 'The password was changed. Your other sessions were ended.', color: 'teal' });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <>
      <form className={classes.password} onSubmit={submit}>
        <PasswordInput label="Current password" w={210} autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} />
        <PasswordInput label="New password" w={210} autoComplete="new-password" value={next} onChange={(event) => setNext(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={change.isPending} disabled={current === '' || next === ''}>
          Change password
        </Button>
      </form>
      {change.isError && <Notice tone="bad" messages={[change.error.message]} />}
    </>
  );
}
