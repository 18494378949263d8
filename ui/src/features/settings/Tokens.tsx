import { Button, CopyButton, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role } from '@/api/session';
import { type CreatedToken, createToken, listTokens, revokeToken, type Token } from '@/api/tokens';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { formatAgo, formatDay } from '@/lib/timeRange';
import { ConfirmButton } from './ConfirmButton';
import { roles } from './roles';
import classes from './settings.module.css';

const tokensKey = ['tokens'];
const dayMs = 86_400_000;
const lifetimes = [
  { value: '0', label: 'never' },
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
];

type Access = 'write' | 'read' | 'both';
const accesses: { value: Access; label: string }[] = [
  { value: 'write', label: 'send data' },
  { value: 'read', label: 'query data' },
  { value: 'both', label: 'send and query' },
];

/** API tokens: what agents send with and other programs query with. */
export function Tokens() {
  const queryClient = useQueryClient();
  const [created, setCreated] = useState<CreatedToken>();
  const tokens = useQuery({ queryKey: tokensKey, queryFn: ({ signal }) => listTokens(signal) });
  const reload = () => queryClient.invalidateQueries({ queryKey: tokensKey });
  const revoke = useMutation({ mutationFn: revokeToken, onSuccess: reload });
  return (
    <Panel title="API tokens" flush>
      <TokenForm
        onCreated={(token) => {
          setCreated(token);
          void reload();
        }}
      />
      {created && <Secret token={created} onClose={() => setCreated(undefined)} />}
      {revoke.isError && (
        <div className={classes.notice}>
          <Notice tone="bad" messages={[revoke.error.message]} />
        </div>
      )}
      <QueryView
        query={tokens}
        errorTitle="The tokens could not be listed"
        isEmpty={(list) => list.length === 0}
        empty={<EmptyState title="No tokens yet">Create one for each program that sends or queries data: then each can be revoked by itself.</EmptyState>}
      >
        {(list) => <TokenTable tokens={list} onRevoke={(id) => revoke.mutate(id)} />}
      </QueryView>
    </Panel>
  );
}

function TokenForm({ onCreated }: { onCreated: (token: CreatedToken) => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [access, setAccess] = useState<Access>('write');
  const [days, setDays] = useState('0');
  const [selector, setSelector] = useState('');
  const create = useMutation({
    mutationFn: () =>
      createToken({
        name: name.trim(),
        role,
        read: access !== 'write',
        write: access !== 'read',
        ...(selector.trim() === '' ? {} : { selector: selector.trim() }),
        ...(days === '0' ? {} : { expiresAt: new Date(Date.now() + Number(days) * dayMs).toISOString() }),
      }),
    onSuccess: (token) => {
      setName('');
      setSelector('');
      onCreated(token);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <form className={classes.form} onSubmit={submit}>
        <TextInput label="Name" placeholder="promtail-web-1" w={220} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="May" w={150} allowDeselect={false} data={accesses} value={access} onChange={(value) => setAccess((value ?? 'write') as Access)} />
        <Select label="Role" w={110} allowDeselect={false} data={roles} value={role} onChange={(value) => setRole((value ?? 'viewer') as Role)} />
        <TextInput
          label="Narrowed to"
          placeholder={'everything, or {app="x"}'}
          title="A selector: the token then sees and sends these streams and series only, and every API that cannot be narrowed refuses it"
          w={220}
          styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12.5 } }}
          value={selector}
          onChange={(event) => setSelector(event.currentTarget.value)}
        />
        <Select label="Expires" w={130} allowDeselect={false} data={lifetimes} value={days} onChange={(value) => setDays(value ?? '0')} />
        <Button type="submit" loading={create.isPending} disabled={name.trim() === ''}>
          Create token
        </Button>
      </form>
      {create.isError && (
        <div className={classes.notice}>
          <Notice tone="bad" messages={[create.error.message]} />
        </div>
      )}
    </>
  );
}

function Secret({ token, onClose }: { token: CreatedToken; onClose: () => void }) {
  return (
    <div className={classes.secret} role="status" style={{ marginTop: 12 }}>
      <strong>The secret of {token.name} is shown only now</strong>
      <code>{token.secret}</code>
      <span className="dim">
        Send it as <span className="mono">Authorization: Bearer …</span>, or as the password of HTTP basic authentication.
      </span>
      <div className={classes.row}>
        <CopyButton value={token.secret}>{({ copied, copy }) => <Button onClick={copy}>{copied ? 'Copied' : 'Copy the secret'}</Button>}</CopyButton>
        <Button variant="default" onClick={onClose}>
          I have stored it
        </Button>
      </div>
    </div>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (id: string) => void }) {
  const now = Date.now();
  return (
    <div className={classes.scroll}>
      <table className={`${classes.table} ${classes.cards}`}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col">Role</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <td>
                <div>
                  {token.name}
                  {token.selector !== undefined && <div className="mono dim">only {token.selector}</div>}
                </div>
              </td>
              <td data-label="May">{accesses.find(({ value }) => value === accessOf(token))?.label}</td>
              <td data-label="Role">{token.role}</td>
              <td className="num" data-label="Created">
                <span>
                  {formatDay(Date.parse(token.createdAt))} <span className="faint">by {token.createdBy}</span>
                </span>
              </td>
              <td className="num" data-label="Last used">{token.usedAt === null ? 'never' : formatAgo(Date.parse(token.usedAt), now)}</td>
              <td className="num" data-label="Expires">{token.expiresAt === null ? 'never' : formatDay(Date.parse(token.expiresAt))}</td>
              <td>
                <ConfirmButton label="Revoke" question={`Revoke ${token.name}?`} onConfirm={() => onRevoke(token.id)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function accessOf(token: Token): Access {
  if (token.read && token.write) return 'both';
  return token.write ? 'write' : 'read';
}
