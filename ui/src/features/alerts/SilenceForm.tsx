import { ActionIcon, Button, Group, Modal, Select, Stack, TextInput, Textarea } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type GettableAlert, type Matcher, postSilence } from '@/api/alertmanager';
import { Notice } from '@/components/Notice';
import { useSession } from '@/components/useSession';
import { matcherProblem, matchesLabels } from '@/features/alerts/matchers';
import { parseDuration } from '@/lib/duration';
import classes from './AlertsPage.module.css';

interface SilenceFormProps {
  initial: Matcher[];
  alerts: readonly GettableAlert[];
  onClose: () => void;
  onDone: () => void;
}

const durations = ['15m', '30m', '1h', '2h', '4h', '8h', '1d', '3d', '1w'];
const operators = ['=', '!=', '=~', '!~'] as const;

/** Writes a silence: matchers, how long, why. Says how many of the present alerts it covers. */
export function SilenceForm({ initial, alerts, onClose, onDone }: SilenceFormProps) {
  const client = useQueryClient();
  const user = useSession().data?.user.name ?? 'unknown';
  const [matchers, setMatchers] = useState<Matcher[]>(initial.length > 0 ? initial : [{ name: 'alertname', value: '', isRegex: false, isEqual: true }]);
  const [duration, setDuration] = useState('2h');
  const [comment, setComment] = useState('');
  const run = useMutation({
    mutationFn: () => {
      const now = Date.now();
      return postSilence({ matchers, startsAt: new Date(now).toISOString(), endsAt: new Date(now + (parseDuration(duration) ?? 0)).toISOString(), createdBy: user, comment });
    },
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['silences'] }), client.invalidateQueries({ queryKey: ['alerts'] })]);
      onDone();
    },
  });
  const problem = matcherProblem(matchers) ?? (parseDuration(duration) === undefined ? 'The duration is written like 2h or 1h30m' : undefined) ?? (comment.trim() === '' ? 'Say why: others will read it' : undefined);
  const covered = matcherProblem(matchers) === undefined ? alerts.filter((alert) => matchesLabels(matchers, alert.labels)).length : 0;
  const change = (index: number, part: Partial<Matcher>) => setMatchers(matchers.map((one, at) => (at === index ? { ...one, ...part } : one)));
  return (
    <Modal opened onClose={onClose} title="New silence" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === undefined) run.mutate();
        }}
      >
        <Stack gap="sm">
          <div className={classes.matchers} role="group" aria-label="Matchers">
            {matchers.map((matcher, index) => (
              <div key={index} className={classes.matcher}>
                <TextInput aria-label="Label" placeholder="label" value={matcher.name} onChange={(event) => change(index, { name: event.currentTarget.value })} data-autofocus={index === 0 || undefined} />
                <Select
                  aria-label="Operator"
                  w={72}
                  allowDeselect={false}
                  data={[...operators]}
                  value={`${matcher.isEqual ? (matcher.isRegex ? '=~' : '=') : matcher.isRegex ? '!~' : '!='}`}
                  onChange={(value) => change(index, { isEqual: value?.startsWith('!') !== true, isRegex: value?.endsWith('~') === true })}
                />
                <TextInput aria-label="Value" placeholder="value" value={matcher.value} onChange={(event) => change(index, { value: event.currentTarget.value })} />
                <ActionIcon variant="subtle" color="gray" aria-label="Remove the matcher" disabled={matchers.length === 1} onClick={() => setMatchers(matchers.filter((_, at) => at !== index))}>
                  <IconX size={14} />
                </ActionIcon>
              </div>
            ))}
            <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => setMatchers([...matchers, { name: '', value: '', isRegex: false, isEqual: true }])}>
              Add a matcher
            </Button>
          </div>
          <div>
            <span className={classes.fieldLabel} id="silence-duration">
              Duration
            </span>
            <div className={classes.durations} role="group" aria-labelledby="silence-duration">
              {durations.map((one) => (
                <button key={one} type="button" className={classes.duration} aria-pressed={duration === one} onClick={() => setDuration(one)}>
                  {one}
                </button>
              ))}
              <TextInput aria-label="Duration" w={90} value={duration} onChange={(event) => setDuration(event.currentTarget.value)} />
            </div>
          </div>
          <Textarea size="xs" label="Reason" value={comment} onChange={(event) => setComment(event.currentTarget.value)} autosize minRows={2} />
          <p className={classes.text}>
            {covered === 0 ? 'Covers none of the present alerts.' : `Covers ${covered} of ${alerts.length} present alerts.`} Written as {user}.
          </p>
          {run.isError && <Notice tone="bad" messages={[run.error.message]} />}
          <Group justify="flex-end" gap="sm">
            {problem !== undefined && <span className="dim">{problem}</span>}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={problem !== undefined}>
              Silence
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
