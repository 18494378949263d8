import { Button, Select, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createShare, deleteShare, listShares, type Share } from '@/api/sharing';
import { ErrorState } from '@/components/ErrorState';
import { Notice } from '@/components/Notice';
import type { DialogContext } from '@/features/dashboards/edit/DashboardDialogs';
import { describeError, failed } from '@/features/dashboards/failed';
import { bake } from '@/features/dashboards/share/bake';
import { CopyField } from '@/features/dashboards/share/CopyField';
import { absoluteRange, formatDateTime } from '@/lib/timeRange';
import classes from './share.module.css';

export const lifetimes: readonly { value: string; label: string; ms: number }[] = [
  { value: '1h', label: 'One hour', ms: 3_600_000 },
  { value: '1d', label: 'One day', ms: 86_400_000 },
  { value: '7d', label: 'One week', ms: 7 * 86_400_000 },
  { value: '30d', label: '30 days', ms: 30 * 86_400_000 },
  { value: '90d', label: '90 days', ms: 90 * 86_400_000 },
];

/** The moment when something made now ends. */
export function expiry(lifetime: string): string {
  return new Date(Date.now() + (lifetimes.find((one) => one.value === lifetime)?.ms ?? 86_400_000)).toISOString();
}

/** Links that need no account, until they expire or are taken back. */
export function PublicTab({ draft, meta, context, range, sections }: DialogContext) {
  const client = useQueryClient();
  const key = ['shares', meta.uid];
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => listShares(meta.uid, signal) });
  const [lifetime, setLifetime] = useState('7d');
  const [fixed, setFixed] = useState(false);
  const make = useMutation({
    mutationFn: () =>
      createShare(meta.uid, {
        dashboard: bake({ dashboard: draft.saved, sections, variables: context.variables, datasources: context.datasources }),
        time: fixed ? absoluteRange(context.range.from, context.range.to) : range,
        fixed_time: fixed,
        expires: expiry(lifetime),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
  const remove = useMutation({ mutationFn: deleteShare, onSuccess: () => client.invalidateQueries({ queryKey: key }), onError: failed('The link could not be taken back') });
  const address = (share: Share) => `${window.location.origin}${share.path}`;
  return (
    <div className={classes.form}>
      <p className={classes.note}>Whoever has the link sees these panels with the variables as they are now, and can ask nothing else. Links are left out.</p>
      <div className={classes.row}>
        <Select label="Ends after" data={lifetimes.map(({ value, label }) => ({ value, label }))} value={lifetime} allowDeselect={false} onChange={(value) => setLifetime(value ?? '7d')} />
        <Switch size="xs" label="Only this moment’s time range" checked={fixed} onChange={(event) => setFixed(event.currentTarget.checked)} mb={6} />
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          Make a public link
        </Button>
      </div>
      {make.isError && <Notice tone="bad" messages={[describeError(make.error)]} />}
      {make.data !== undefined && <CopyField label="Public link" value={address(make.data)} />}
      {query.isError && <ErrorState error={query.error} title="The links could not be loaded" onRetry={() => void query.refetch()} />}
      {(query.data ?? []).length > 0 && (
        <>
          <h3 className={classes.title}>Open links</h3>
          <ul className={classes.list}>
            {(query.data ?? []).map((share) => (
              <li key={share.key}>
                <a className={classes.grow} href={share.path} target="_blank" rel="noreferrer">
                  {share.path}
                </a>
                <span className="dim num">{share.expires === undefined ? 'no end' : `until ${formatDateTime(Date.parse(share.expires)).slice(0, 16)}`}</span>
                <Button variant="subtle" color="red" size="compact-xs" loading={remove.isPending && remove.variables === share.key} onClick={() => remove.mutate(share.key)}>
                  Take back
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
