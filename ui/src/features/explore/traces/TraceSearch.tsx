import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { searchTraces } from '@/api/jaeger';
import { EmptyState } from '@/components/EmptyState';
import { NothingSent } from '@/components/NothingSent';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { assignColors } from '@/lib/color';
import type { DurationBucket } from '@/lib/durations';
import { parseTags } from '@/lib/tags';
import { layoutTrace } from '@/lib/trace';
import { useSearchState } from '@/lib/useSearchState';
import { tracesSearch } from '../exploreSearch';
import { DurationHistogram } from './DurationHistogram';
import { DurationScatter } from './DurationScatter';
import { TraceForm } from './TraceForm';
import { TraceResults } from './TraceResults';
import classes from './traces.module.css';

/** Search for traces: the form, durations over time, the list. */
export function TraceSearch() {
  const [state, set] = useSearchState(tracesSearch);
  const { resolved, refresh } = useTimeRange();
  const { service, operation, tags, min, max, limit } = state;
  const result = useQuery({
    queryKey: ['traces', service, operation, tags, min, max, limit, resolved.from, resolved.to],
    enabled: service !== '',
    queryFn: ({ signal }) => {
      const parsed = parseTags(tags);
      return searchTraces(
        { service, operation, tags: 'tags' in parsed ? parsed.tags : {}, minDuration: min, maxDuration: max, limit, from: resolved.from, to: resolved.to },
        signal,
      );
    },
    placeholderData: keepPreviousData,
  });
  const layouts = useMemo(
    () => (result.data?.traces ?? []).filter((trace) => trace.spans.length > 0).map((trace) => layoutTrace(trace)).sort((a, b) => b.startTime - a.startTime),
    [result.data],
  );
  const colors = useMemo(() => assignColors(layouts.flatMap((layout) => layout.services.map((one) => one.name))), [layouts]);
  const [bucket, setBucket] = useState<DurationBucket>();
  const shown = bucket === undefined ? layouts : layouts.filter(({ duration }) => Math.max(1, duration) >= bucket.from && Math.max(1, duration) < bucket.to);
  const open = (trace: string) => set({ trace, span: '' });
  return (
    <>
      <Panel>
        <TraceForm
          key={`${service}/${operation}/${tags}/${min}/${max}/${limit}`}
          value={{ service, operation, tags, min, max, limit }}
          onSearch={(query) => {
            refresh();
            set(query);
          }}
          onOpen={open}
        />
      </Panel>
      {service === '' ? (
        <Panel>
          <EmptyState title="Choose a service to see its traces" action={<NothingSent signal="spans" />}>
            Or paste a trace id. Services appear as soon as they send spans by OTLP (4317, 4318 or /v1/traces), Jaeger or Zipkin.
          </EmptyState>
        </Panel>
      ) : (
        <Panel
          flush
          title="Traces"
          aside={
            result.data && (
              <ResultStatus
                loading={result.isFetching}
                warnings={result.data.errors}
                facts={[layouts.length === limit ? `the newest ${limit} traces` : `${layouts.length} traces`]}
              />
            )
          }
        >
          {result.data !== undefined && result.data.errors.length > 0 && (
            <div className={classes.notice}>
              <Notice messages={result.data.errors} />
            </div>
          )}
          <QueryView
            query={result}
            errorTitle="Traces could not be searched"
            isEmpty={() => layouts.length === 0}
            empty={<EmptyState title="No traces match" action={<NothingSent signal="spans" />}>Widen the time range, or take a condition out of the form.</EmptyState>}
          >
            {() => (
              <>
                <DurationHistogram durations={layouts.map((one) => one.duration)} chosen={bucket} onChoose={setBucket} />
                <DurationScatter layouts={shown.length === 0 ? layouts : shown} colors={colors} onOpen={open} />
                <TraceResults layouts={shown.length === 0 ? layouts : shown} colors={colors} service={service} />
              </>
            )}
          </QueryView>
        </Panel>
      )}
    </>
  );
}
