import { Button, Switch, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type SavedKind, saveSearch } from '@/api/explore';
import type { RawSearch } from '@/lib/search';
import classes from './HistoryDrawer.module.css';

const timeNames = new Set(['from', 'to', 'refresh', 'tab']);

/** Keeps the present search on the server under a name, without its time. */
export function SaveSearch({ current }: { current: RawSearch }) {
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const client = useQueryClient();
  const kind = (typeof current.tab === 'string' ? current.tab : 'metrics') as SavedKind;
  const query = Object.fromEntries(Object.entries(current).filter(([key, value]) => value !== undefined && !timeNames.has(key) && !key.startsWith('r.') && key !== 'split'));
  const save = useMutation({
    mutationFn: () => saveSearch({ kind, name: name.trim(), query, shared }),
    onSuccess: async () => {
      setName('');
      await client.invalidateQueries({ queryKey: ['saved-searches'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') save.mutate();
  };
  return (
    <form className={classes.save} onSubmit={submit}>
      <TextInput style={{ flex: 1 }} aria-label="Name" placeholder={`Name of the present ${kind} search`} value={name} onChange={(event) => setName(event.currentTarget.value)} error={save.isError ? save.error.message : null} maxLength={200} />
      <Switch size="xs" label="For everybody" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
      <Button type="submit" loading={save.isPending} disabled={name.trim() === '' || Object.keys(query).length === 0}>
        Save
      </Button>
    </form>
  );
}
