import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { createSnapshot } from '@/api/sharing';
import { Notice } from '@/components/Notice';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { describeError } from '@/features/dashboards/failed';
import { CopyField } from '@/features/dashboards/share/CopyField';
import { expiry, lifetimes } from '@/features/dashboards/share/PublicTab';
import { takeSnapshot } from '@/features/dashboards/share/takeSnapshot';
import classes from './share.module.css';

/** The dashboard with its data as they are now, frozen. */
export function SnapshotTab({ draft, context, range, sections }: DialogContext) {
  const [name, setName] = useState(draft.dashboard.title);
  const [lifetime, setLifetime] = useState('30d');
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState<[number, number]>();
  const make = useMutation({
    mutationFn: async () => {
      const { dashboard, problems } = await takeSnapshot({ dashboard: draft.dashboard, sections, context, range }, (at, all) => setDone([at, all]));
      return { made: await createSnapshot(name.trim() || draft.dashboard.title, dashboard, lifetime === 'never' ? undefined : expiry(lifetime), open), problems };
    },
  });
  return (
    <div className={classes.form}>
      <p className={classes.note}>A snapshot holds the data of every panel, not its queries: it stays as it is when the data behind it are gone.</p>
      <div className={classes.row}>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select label="Ends after" data={[...lifetimes.map(({ value, label }) => ({ value, label })), { value: 'never', label: 'Never' }]} value={lifetime} allowDeselect={false} onChange={(value) => setLifetime(value ?? '30d')} />
      </div>
      <Switch size="xs" label="For everybody who has the link, without an account" checked={open} onChange={(event) => setOpen(event.currentTarget.checked)} />
      {make.isError && <Notice tone="bad" messages={[describeError(make.error)]} />}
      {make.data !== undefined && (
        <>
          <Notice messages={make.data.problems} />
          <CopyField label="Snapshot" value={`${window.location.origin}${make.data.made.path}`} />
        </>
      )}
      <div className={classes.end}>
        {make.isPending && done !== undefined && (
          <span className="dim num">
            {done[0]} of {done[1]} panels
          </span>
        )}
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          Take a snapshot
        </Button>
      </div>
    </div>
  );
}
