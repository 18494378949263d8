import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { labelValues, metricMetadata, type MetricMetadata } from '@/api/prometheus';
import { EmptyState } from '@/components/EmptyState';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { expressionFor } from '@/lib/promql';
import classes from './MetricsTab.module.css';

const examples: readonly { title: string; expr: string }[] = [
  { title: 'Which targets are down?', expr: 'up == 0' },
  { title: 'Samples scraped by job', expr: 'sum by (job) (scrape_samples_scraped)' },
  { title: 'Ten metrics with the most series', expr: 'topk(10, count by (__name__) ({__name__=~".+"}))' },
];
const maxListed = 300;

/** What to ask when nothing was asked yet: the metrics that there are, and a few questions. */
export function MetricBrowser({ onPick }: { onPick: (expr: string) => void }) {
  const [text, setText] = useState('');
  const filter = useDeferredValue(text.trim().toLowerCase());
  const names = useQuery({
    queryKey: ['metric-names'],
    queryFn: ({ signal }) => labelValues('__name__', undefined, signal),
    staleTime: 60_000,
  });
  const metadata = useQuery({
    queryKey: ['metric-metadata'],
    queryFn: ({ signal }) => metricMetadata(signal),
    staleTime: 60_000,
  });
  const found = useMemo(() => {
    const words = filter.split(/\s+/);
    return (names.data ?? []).filter((name) => {
      const help = metaOf(name, metadata.data)?.help ?? '';
      const searched = `${name} ${help}`.toLowerCase();
      return words.every((word) => searched.includes(word));
    });
  }, [names.data, metadata.data, filter]);

  return (
    <Panel>
      <div className={classes.browser}>
        <div>
          <TextInput
            aria-label="Search metrics"
            placeholder="Search metrics by name or description"
            leftSection={<IconSearch size={14} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div className={classes.metricList}>
            <QueryView
              query={names}
              errorTitle="The metrics could not be listed"
              isEmpty={() => found.length === 0}
              empty={
                names.data?.length === 0 ? (
                  <EmptyState title="No metrics yet">Add a scrape target to prometheus.yml, or send samples by remote write to /api/v1/write or OTLP to /v1/metrics.</EmptyState>
                ) : (
                  <EmptyState title="No metric matches">Try one word of its name.</EmptyState>
                )
              }
            >
              {() =>
                found.slice(0, maxListed).map((name) => {
                  const meta = metaOf(name, metadata.data);
                  return (
                    <button key={name} type="button" className={classes.metric} title={meta?.help} onClick={() => onPick(expressionFor(name, meta?.type))}>
                      <span className="mono">{name}</span>
                      <span className="faint">{meta?.type ?? ''}</span>
                      <span className="dim">{meta?.help ?? ''}</span>
                    </button>
                  );
                })
              }
            </QueryView>
          </div>
          {found.length > maxListed && <p className="faint">{found.length - maxListed} more: search to narrow the list.</p>}
        </div>
        <div className={classes.examples}>
          <h3>Or start with a question</h3>
          {examples.map((example) => (
            <button key={example.expr} type="button" className={classes.example} onClick={() => onPick(example.expr)}>
              {example.title}
              <code>{example.expr}</code>
            </button>
          ))}
        </div>
      </div>
    </Panel>
  );
}

/** A metric's metadata; histograms' and summaries' parts have their family's. */
function metaOf(name: string, all: Record<string, MetricMetadata[]> | undefined): MetricMetadata | undefined {
  return all?.[name]?.[0] ?? all?.[name.replace(/_(bucket|sum|count|total)$/, '')]?.[0];
}
