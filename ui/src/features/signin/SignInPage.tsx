import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '@/api/http';
import { signIn } from '@/api/session';
import { Logo } from '@/components/Logo';
import { Notice } from '@/components/Notice';
import { sessionKey, useSession } from '@/components/useSession';
import type { RawSearch } from '@/lib/search';
import { returnPath } from './returnPath';
import classes from './SignInPage.module.css';

export function SignInPage() {
  const search: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const session = useSession();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const target = returnPath(search.return);

  const enter = useMutation({
    mutationFn: () => signIn(username, password),
    onSuccess: (answer) => queryClient.setQueryData(sessionKey, answer),
  });

  const signedIn = session.data !== undefined && session.data !== null;
  useEffect(() => {
    document.title = 'Sign in · Pharos';
    if (signedIn) void navigate({ href: target, replace: true });
  }, [signedIn, navigate, target]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={44} />
          <h1>Sign in to Pharos</h1>
        </div>
        <form className={classes.form} onSubmit={submit}>
          <TextInput label="User name" size="sm" value={username} onChange={(e) => setUsername(e.currentTarget.value)} autoComplete="username" autoCapitalize="none" autoFocus required />
          <PasswordInput label="Password" size="sm" value={password} onChange={(e) => setPassword(e.currentTarget.value)} autoComplete="current-password" required />
          {enter.isError && <Notice tone="bad" messages={[failure(enter.error)]} />}
          <Button type="submit" size="sm" loading={enter.isPending}>
            Sign in
          </Button>
        </form>
        <p className={classes.note}>The first start of the server printed an administrator’s password once.</p>
      </div>
    </main>
  );
}

function failure(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}
