import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Role } from '@/api/session';
import { changeRole, createUser, deleteUser, listUsers } from '@/api/users';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { formatDay } from '@/lib/timeRange';
import { ConfirmButton } from './ConfirmButton';
import { roles } from './roles';
import classes from './settings.module.css';

const usersKey = ['users'];

/** Who may sign in. The signed-in administrator cannot remove themselves. */
export function Users({ self }: { self: string }) {
  const queryClient = useQueryClient();
  const reload = () => queryClient.invalidateQueries({ queryKey: usersKey });
  const users = useQuery({ queryKey: usersKey, queryFn: ({ signal }) => listUsers(signal) });
  const role = useMutation({ mutationFn: (change: { name: string; role: Role }) => changeRole(change.name, change.role), onSettled: reload });
  const remove = useMutation({ mutationFn: deleteUser, onSettled: reload });
  const failures = [role.error, remove.error].flatMap((error) => (error === null ? [] : [error.message]));
  return (
    <Panel title="Users" flush>
      <UserForm onCreated={() => void reload()} />
      {failures.length > 0 && (
        <div className={classes.notice}>
          <Notice tone="bad" messages={failures} />
        </div>
      )}
      <QueryView query={users} errorTitle="The users could not be listed" isEmpty={(list) => list.length === 0} empty={<EmptyState title="No users" />}>
        {(list) => (
          <div className={classes.scroll}>
            <table className={`${classes.table} ${classes.cards}`}>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Tenant</th>
                  <th scope="col">Created</th>
                  <th />
                </tr>
              </thead>
              <tbody>
                {list.map((user) => (
                  <tr key={user.name}>
                    <td>{user.name}</td>
                    <td data-label="Role">
                      <Select aria-label={`Role of ${user.name}`} w={110} allowDeselect={false} data={roles} value={user.role} onChange={(next) => next && role.mutate({ name: user.name, role: next as Role })} />
                    </td>
                    <td data-label="Tenant">{user.tenant}</td>
                    <td className="num" data-label="Created">{formatDay(Date.parse(user.createdAt))}</td>
                    <td>{user.name !== self && <ConfirmButton label="Delete" question={`Delete ${user.name}?`} onConfirm={() => remove.mutate(user.name)} />}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function UserForm({ onCreated }: { onCreated: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const create = useMutation({
    mutationFn: () => createUser({ name: name.trim(), password, role }),
    onSuccess: () => {
      setName('');
      setPassword('');
      onCreated();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <>
      <form className={classes.form} onSubmit={submit}>
        <TextInput label="Name" w={220} autoComplete="off" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput label="First password" w={220} autoComplete="new-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Select label="Role" w={110} allowDeselect={false} data={roles} value={role} onChange={(value) => setRole((value ?? 'viewer') as Role)} />
        <Button type="submit" loading={create.isPending} disabled={name.trim() === '' || password === ''}>
          Add user
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
