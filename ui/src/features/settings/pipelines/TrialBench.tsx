import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { type ConfigProblem, type Dialect, tryPipeline } from '@/api/pipelines';
import type { ConfigMark } from '@/components/editor/ConfigEditor';
import { LoadingState } from '@/components/LoadingState';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { examples } from './examples';
import { LinesInput } from './LinesInput';
import classes from './pipelines.module.css';
import { Problems } from './Problems';
import { TrialResultView } from './TrialResultView';

const ConfigEditor = lazy(async () => ({ default: (await import('@/components/editor/ConfigEditor')).ConfigEditor }));

const dialects: { value: Dialect; label: string }[] = [
  { value: 'logstash', label: 'Logstash' },
  { value: 'promtail', label: 'Promtail' },
];
const codecs = ['plain', 'json', 'json_lines', 'csv'];
const maxLines = 500;

/** What is written for one dialect; each keeps its own while the other is looked at. */
interface Draft {
  config: string;
  lines: string;
  codec: string;
  job: string;
  labels: Record<string, string>;
}

const first = (dialect: Dialect): Draft => ({ ...examples[dialect], codec: 'plain', job: '', labels: {} });

function marksOf(problems: readonly ConfigProblem[], severity: ConfigMark['severity']): ConfigMark[] {
  return problems.flatMap(({ line, column, message, hint }) =>
    line === undefined ? [] : [{ line, column: column ?? 1, message: hint === undefined ? message : `${message} (${hint})`, severity }],
  );
}

/** Runs a configuration on lines, filter by filter, before it is saved anywhere. */
export function TrialBench() {
  const [dialect, setDialect] = useState<Dialect>('logstash');
  const [drafts, setDrafts] = useState<Record<Dialect, Draft>>({ logstash: first('logstash'), promtail: first('promtail') });
  const [goTo, setGoTo] = useState<{ line: number; column: number }>();
  const draft = drafts[dialect];
  const change = (part: Partial<Draft>) => setDrafts((all) => ({ ...all, [dialect]: { ...all[dialect], ...part } }));
  const trial = useMutation({
    mutationFn: () =>
      tryPipeline({
        dialect,
        config: draft.config,
        lines: draft.lines.split('\n').filter((line) => line.trim() !== '').slice(0, maxLines),
        ...(dialect === 'logstash' ? { codec: draft.codec } : { labels: draft.labels, ...(draft.job === '' ? {} : { job: draft.job }) }),
      }),
  });
  const result = trial.data;
  const marks = useMemo(
    () => (result === undefined ? [] : [...marksOf(result.problems, 'error'), ...marksOf(result.warnings, 'warning')]),
    [result],
  );
  const run = () => {
    if (!trial.isPending) trial.mutate();
  };
  const choose = (value: string) => {
    setDialect(value as Dialect);
    trial.reset();
  };
  return (
    <>
      <Panel
        title="Try a pipeline"
        aside={
          <>
            <SegmentedControl aria-label="Dialect" data={dialects} value={dialect} onChange={choose} />
            <Button onClick={run} loading={trial.isPending} leftSection={<IconPlayerPlay size={14} />} title="Ctrl-Enter in the editor">
              Run
            </Button>
          </>
        }
      >
        <div className={classes.bench}>
          <section className={classes.side} aria-label="Configuration">
            <div className={classes.caption}>
              <span>{dialect === 'logstash' ? 'Configuration: its filter sections run' : 'Stages, or a whole Promtail file'}</span>
              {dialect === 'promtail' && (
                <TextInput aria-label="Job name" placeholder="job_name, of several" size="xs" w={160} value={draft.job} onChange={(event) => change({ job: event.currentTarget.value })} />
              )}
            </div>
            <div className={classes.editor}>
              <Suspense fallback={<LoadingState label="Loading the editor" />}>
                <ConfigEditor
                  key={dialect}
                  language={dialect === 'logstash' ? 'logstash' : 'yaml'}
                  label={dialect === 'logstash' ? 'Logstash configuration' : 'Promtail stages'}
                  value={draft.config}
                  onChange={(config) => change({ config })}
                  onRun={run}
                  marks={marks}
                  goTo={goTo}
                />
              </Suspense>
            </div>
          </section>
          <section className={classes.side} aria-label="Lines">
            <LinesInput
              lines={draft.lines}
              labels={draft.labels}
              maxLines={maxLines}
              onChange={(lines, labels) => change({ lines, labels })}
              codec={
                dialect === 'logstash' ? (
                  <Select aria-label="Codec" size="xs" w={110} allowDeselect={false} data={codecs} value={draft.codec} onChange={(codec) => change({ codec: codec ?? 'plain' })} />
                ) : undefined
              }
            />
          </section>
        </div>
        {trial.isError && <Notice tone="bad" messages={[trial.error.message]} />}
        {result !== undefined && <Problems problems={result.problems} warnings={result.warnings} onShow={setGoTo} />}
      </Panel>
      {result !== undefined && result.problems.length === 0 && <TrialResultView result={result} onShow={setGoTo} />}
    </>
  );
}
