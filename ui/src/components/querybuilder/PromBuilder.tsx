import { Autocomplete, Button, TextInput } from '@mantine/core';
import { IconBulb, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { labelNames, labelValues, metricMetadata } from '@/api/prometheus';
import { MatcherRow } from '@/components/querybuilder/MatcherRow';
import { OperationList } from '@/components/querybuilder/OperationList';
import { Refused } from '@/components/querybuilder/Refused';
import { useVisual } from '@/components/querybuilder/useVisual';
import { type Operation, type PromVisual, promOperations, renderMatchers, renderPromql } from '@/lib/promqlBuilder';
import { promqlHints, type QueryHint } from '@/lib/promqlHints';
import { parsePromql } from '@/lib/promqlReader';
import classes from './builder.module.css';

interface BuilderProps {
  value: string;
  /** Milliseconds; names and values of logs are those of this range. */
  range: { from: number; to: number };
  onChange: (query: string) => void;
}

/** Writes PromQL for people who do not know it: a metric, label filters, operations. */
export function PromBuilder({ value, onChange }: BuilderProps) {
  const { result, change } = useVisual(value, parsePromql, renderPromql, onChange);
  if (!('visual' in result)) return <Refused {...result} query={value} />;
  return (
    <div className={classes.builder}>
      <PromParts visual={result.visual} onChange={change} />
      {value !== '' && <pre className={classes.text}>{value}</pre>}
    </div>
  );
}

const emptyOther: PromVisual = { metric: '', matchers: [], operations: [] };

/** The parts of one query; that on the other side of arithmetic has the same. */
function PromParts({ visual, nested = false, onChange }: { visual: PromVisual; nested?: boolean; onChange: (next: PromVisual) => void }) {
  const metrics = useQuery({ queryKey: ['metric-names'], queryFn: ({ signal }) => labelValues('__name__', undefined, signal), staleTime: 60_000, retry: false });
  const labels = useQuery({ queryKey: ['label-names', 'prometheus'], queryFn: ({ signal }) => labelNames(signal), staleTime: 60_000, retry: false });
  const metadata = useQuery({ queryKey: ['metadata'], queryFn: ({ signal }) => metricMetadata(signal), staleTime: 300_000, retry: false });
  const { metric, matchers, operations } = visual;
  const set = (part: Partial<PromVisual>) => onChange({ ...visual, ...part });
  const names = (labels.data ?? []).filter((one) => one !== '__name__');
  const about = metadata.data?.[metric]?.[0] ?? metadata.data?.[metric.replace(/_(bucket|sum|count|total)$/, '')]?.[0];
  const choose = (name: string) => set({ metric: name, ...(operations.length === 0 && (metrics.data ?? []).includes(name) ? { operations: firstOperations(name) } : {}) });
  return (
    <div className={nested ? classes.nested : classes.builder}>
      <div className={classes.line}>
        <Autocomplete className={classes.metric} size="xs" label="Metric" placeholder="a metric’s name" description={about?.help} inputWrapperOrder={['label', 'input', 'description']} data={metrics.data ?? []} limit={80} value={metric} onChange={choose} error={metrics.isError ? 'The metrics could not be loaded' : undefined} />
        <Moment visual={visual} set={set} />
      </div>
      <div>
        <p className={classes.title}>Label filters</p>
        <div className={classes.matchers}>
          {matchers.map((matcher, index) => {
            const others = matchers.filter((one, at) => at !== index && one.name !== '' && one.value !== '' && !one.value.includes('$'));
            const scope = metric.includes('$') ? '' : metric + renderMatchers(others);
            return <MatcherRow key={index} matcher={matcher} labels={names} scope={`prom/${scope}`} loadValues={(label, signal) => labelValues(label, scope === '' ? undefined : scope, signal)} onChange={(next) => set({ matchers: matchers.map((one, at) => (at === index ? next : one)) })} onRemove={() => set({ matchers: matchers.filter((_, at) => at !== index) })} />;
          })}
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => set({ matchers: [...matchers, { name: '', op: '=', value: '' }] })}>
            Filter
          </Button>
        </div>
      </div>
      <OperationList
        operations={operations}
        definitions={promOperations}
        labels={names}
        onChange={(next) => set({ operations: next })}
        emptyOther={emptyOther}
        renderOther={(other, change) => <PromParts nested visual={other as PromVisual} onChange={change} />}
      />
      {!nested && <Hints hints={promqlHints(visual, about?.type)} onFix={onChange} />}
    </div>
  );
}

/** Another time than that of the graph: some time back, or one moment. Shown where it is used, else behind a button. */
function Moment({ visual, set }: { visual: PromVisual; set: (part: Partial<PromVisual>) => void }) {
  const [shown, setShown] = useState(false);
  const { offset = '', at = '' } = visual;
  if (!shown && offset === '' && at === '') {
    return (
      <Button variant="subtle" size="compact-xs" mb={4} onClick={() => setShown(true)}>
        At another time
      </Button>
    );
  }
  return (
    <>
      <TextInput w={110} label="Offset" placeholder="1d" value={offset} onChange={(event) => set({ offset: event.currentTarget.value.trim() })} />
      <Autocomplete w={130} size="xs" label="At (@)" placeholder="the graph’s time" data={['start()', 'end()']} value={at} onChange={(next) => set({ at: next.trim() })} />
    </>
  );
}

function Hints({ hints, onFix }: { hints: readonly QueryHint[]; onFix: (visual: PromVisual) => void }) {
  if (hints.length === 0) return null;
  return (
    <ul className={classes.hints} aria-label="Hints">
      {hints.map(({ message, fix }) => (
        <li key={message}>
          <IconBulb size={14} aria-hidden="true" />
          <span>{message}</span>
          {fix !== undefined && (
            <Button variant="light" size="compact-xs" onClick={() => onFix(fix.visual)}>
              {fix.label}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What one would do first with such a metric: its rate when it only grows, a quantile of buckets. */
function firstOperations(name: string): Operation[] {
  const rate: Operation = { id: 'rate', params: ['$__rate_interval'] };
  if (name.endsWith('_bucket')) return [rate, { id: 'sum', params: [], grouping: { kind: 'by', labels: ['le'] } }, { id: 'histogram_quantile', params: ['0.95'] }];
  return /_(total|count|sum)$/.test(name) ? [rate] : [];
}
