import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { queryLogs } from '@/api/loki';
import { Notice } from '@/components/Notice';
import classes from './pipelines.module.css';

interface LinesInputProps {
  lines: string;
  /** Of the stream that the lines are from; Promtail's selectors see them. */
  labels: Readonly<Record<string, string>>;
  maxLines: number;
  onChange: (lines: string, labels: Record<string, string>) => void;
  codec: ReactNode | undefined;
}

const recentLines = 50;
const recentMs = 3_600_000;

/** The newest lines of a selector, oldest first, with the labels of the newest one's stream. */
async function takeRecent(query: string) {
  const now = Date.now();
  const nanos = (ms: number) => `${Math.floor(ms)}000000`;
  const { rows } = await queryLogs({ query, start: nanos(now - recentMs), end: nanos(now), limit: recentLines, direction: 'backward' });
  return { lines: rows.map((row) => row.line.replaceAll('\n', ' ')).reverse(), labels: { ...rows[0]?.labels } };
}

/** Lines to run: pasted, or the newest of a LogQL selector. */
export function LinesInput({ lines, labels, maxLines, onChange, codec }: LinesInputProps) {
  const [selector, setSelector] = useState('');
  const recent = useMutation({
    mutationFn: takeRecent,
    onSuccess: (found) => {
      if (found.lines.length > 0) onChange(`${found.lines.join('\n')}\n`, found.labels);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (selector.trim() !== '') recent.mutate(selector.trim());
  };
  const count = lines.split('\n').filter((line) => line.trim() !== '').length;
  const names = Object.entries(labels);
  return (
    <>
      <div className={classes.caption}>
        <span>
          <span className="num">{count}</span> {count === 1 ? 'line' : 'lines'}
          {count > maxLines && `, the first ${maxLines} run`}
        </span>
        <form className={classes.recent} onSubmit={submit}>
          {codec}
          <TextInput
            aria-label="LogQL selector of recent lines"
            placeholder={'{app="checkout"}'}
            size="xs"
            className={classes.selector ?? ''}
            styles={{ input: { fontFamily: 'var(--font-mono)' } }}
            value={selector}
            onChange={(event) => setSelector(event.currentTarget.value)}
          />
          <Button type="submit" size="xs" variant="default" loading={recent.isPending} disabled={selector.trim() === ''} title={`The newest ${recentLines} lines of the last hour`}>
            Take recent lines
          </Button>
        </form>
      </div>
      <textarea className={classes.lines} aria-label="Lines" spellCheck={false} wrap="off" placeholder="One line of a log each" value={lines} onChange={(event) => onChange(event.currentTarget.value, { ...labels })} />
      {names.length > 0 && (
        <div className={classes.labels}>
          <span className="faint">labels</span>
          {names.map(([name, value]) => (
            <span key={name} className="mono">
              {name}={value}
            </span>
          ))}
          <button type="button" className={classes.place} onClick={() => onChange(lines, {})}>
            without
          </button>
        </div>
      )}
      {recent.isError && <Notice tone="bad" messages={[recent.error.message]} />}
      {recent.data?.lines.length === 0 && <Notice messages={['No line of the last hour matches the selector.']} />}
    </>
  );
}
