import { Button, Switch } from '@mantine/core';
import { IconBellOff } from '@tabler/icons-react';
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { expireSilence, type GettableSilence } from '@/api/alertmanager';
import { EmptyState } from '@/components/EmptyState';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/QueryView';
import { formatMatcher } from '@/features/alerts/matchers';
import { formatDateTime } from '@/lib/timeRange';
import classes from './AlertsPage.module.css';

interface SilencesTabProps {
  query: UseQueryResult<GettableSilence[]>;
  canEdit: boolean;
  onNew: () => void;
}

/** Silences, active ones first; expired ones on request. */
export function SilencesTab({ query, canEdit, onNew }: SilencesTabProps) {
  const [withExpired, setWithExpired] = useState(false);
  const expired = query.data?.filter((one) => one.status.state === 'expired').length ?? 0;
  return (
    <div className={classes.tab}>
      {expired > 0 && <Switch size="xs" label={`Show ${expired} expired`} checked={withExpired} onChange={(event) => setWithExpired(event.currentTarget.checked)} />}
      <QueryView
        query={query}
        errorTitle="The silences could not be loaded"
        isEmpty={(data) => !data.some((one) => withExpired || one.status.state !== 'expired')}
        empty={
          <EmptyState
            title="No silences"
            icon={<IconBellOff size={24} />}
            action={
              canEdit && (
                <Button variant="default" onClick={onNew}>
                  New silence
                </Button>
              )
            }
          >
            A silence keeps the notifications of matching alerts back for a while.
          </EmptyState>
        }
      >
        {(data) => (
          <div className={classes.silences}>
            {sortSilences(data)
              .filter((one) => withExpired || one.status.state !== 'expired')
              .map((silence) => (
                <SilenceRow key={silence.id} silence={silence} canEdit={canEdit} />
              ))}
          </div>
        )}
      </QueryView>
    </div>
  );
}

const order = { active: 0, pending: 1, expired: 2 } as const;

function sortSilences(all: readonly GettableSilence[]): GettableSilence[] {
  return all.toSorted((a, b) => order[a.status.state] - order[b.status.state] || a.endsAt.localeCompare(b.endsAt));
}

function SilenceRow({ silence, canEdit }: { silence: GettableSilence; canEdit: boolean }) {
  const client = useQueryClient();
  const expire = useMutation({
    mutationFn: () => expireSilence(silence.id),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['silences'] }), client.invalidateQueries({ queryKey: ['alerts'] })]),
  });
  const { state } = silence.status;
  return (
    <article className={classes.silence} data-state={state}>
      <div className={classes.alertHead}>
        <span className={classes.state} data-state={state}>
          {state}
        </span>
        <span className={classes.labels}>
          {silence.matchers.map((matcher) => (
            <code key={formatMatcher(matcher)} className={classes.label}>
              {formatMatcher(matcher)}
            </code>
          ))}
        </span>
        {canEdit && state !== 'expired' && (
          <Button className={classes.expire} variant="default" size="compact-xs" loading={expire.isPending} onClick={() => expire.mutate()}>
            Expire
          </Button>
        )}
      </div>
      <p className={classes.text}>
        {silence.comment} <span className="faint">– {silence.createdBy}</span>
      </p>
      <p className={`${classes.text} num`}>
        {formatDateTime(Date.parse(silence.startsAt))} – {formatDateTime(Date.parse(silence.endsAt))}
      </p>
      {expire.isError && <Notice tone="bad" messages={[expire.error.message]} />}
    </article>
  );
}
