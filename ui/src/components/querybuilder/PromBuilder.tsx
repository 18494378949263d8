import { Autocomplete, Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { labelNames, labelValues, metricMetadata } from '@/api/prometheus';
import { MatcherRow } from '@/components/querybuilder/MatcherRow';
import { OperationList } from '@/components/querybuilder/OperationList';
import { useVisual } from '@/components/querybuilder/useVisual';
import { type Operation, parsePromql, type PromVisual, promOperations, renderMatchers, renderPromql } from '@/lib/promqlBuilder';
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
  const metrics = useQuery({ queryKey: ['metric-names'], queryFn: ({ signal }) => labelValues('__name__', undefined, signal), staleTime: 60_000, retry: false });
  const labels = useQuery({ queryKey: ['label-names', 'prometheus'], queryFn: ({ signal }) => labelNames(signal), staleTime: 60_000, retry: false });
  const metadata = useQuery({ queryKey: ['metadata'], queryFn: ({ signal }) => metricMetadata(signal), staleTime: 300_000, retry: false });
  if (!('visual' in result)) return <Refused reason={result.reason} query={value} />;
  const { visual } = result;
  const { metric, matchers, operations } = visual;
  const set = (part: Partial<PromVisual>) => change({ ...visual, ...part });
  const names = (labels.data ?? []).filter((one) => one !== '__name__');
  const about = metadata.data?.[metric]?.[0] ?? metadata.data?.[metric.replace(/_(bucket|sum|count|total)$/, '')]?.[0];
  const choose = (name: string) => set({ metric: name, ...(operations.length === 0 && (metrics.data ?? []).includes(name) ? { operations: firstOperations(name) } : {}) });
  return (
    <div className={classes.builder}>
      <div className={classes.line}>
        <Autocomplete className={classes.metric} size="xs" label="Metric" placeholder="a metric’s name" description={about?.help} inputWrapperOrder={['label', 'input', 'description']} data={metrics.data ?? []} limit={80} value={metric} onChange={choose} error={metrics.isError ? 'The metrics could not be loaded' : undefined} />
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
      <OperationList operations={operations} definitions={promOperations} labels={names} onChange={(next) => set({ operations: next })} />
      {value !== '' && <pre className={classes.text}>{value}</pre>}
    </div>
  );
}

/** What one would do first with such a metric: its rate when it only grows, a quantile of buckets. */
function firstOperations(name: string): Operation[] {
  const rate: Operation = { id: 'rate', params: ['$__rate_interval'] };
  if (name.endsWith('_bucket')) return [rate, { id: 'sum', params: [], grouping: { kind: 'by', labels: ['le'] } }, { id: 'histogram_quantile', params: ['0.95'] }];
  return /_(total|count|sum)$/.test(name) ? [rate] : [];
}

/** What the builder cannot show stays what it is; the code editor has it. */
export function Refused({ reason, query }: { reason: string; query: string }) {
  return (
    <div className={classes.builder}>
      <pre className={classes.text}>{query}</pre>
      <p className={classes.refused}>{reason}. Choose “Code” to edit it; the builder shows it again when it can.</p>
    </div>
  );
}
