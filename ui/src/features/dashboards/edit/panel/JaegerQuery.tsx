import { NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { operations, services } from '@/api/jaeger';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';
import { useCommitted } from '@/features/dashboards/edit/panel/useCommitted';
import classes from './panel.module.css';

/** A search for traces by service, operation, tags and duration, or one trace by its id. */
export function JaegerQuery({ target, set }: TargetProps) {
  const search = target.queryType === 'search';
  const service = typeof target.service === 'string' ? target.service : '';
  const text = (key: string) => (typeof target[key] === 'string' ? target[key] : '');
  const known = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => services(signal), enabled: search, staleTime: 60_000, retry: false });
  const names = useQuery({ queryKey: ['operations', service], queryFn: ({ signal }) => operations(service, signal), enabled: search && service !== '', staleTime: 60_000, retry: false });
  const withOwn = (list: readonly string[] | undefined, own: string) => [...new Set([...(list ?? []), ...(own === '' ? [] : [own])])];
  return (
    <>
      <SegmentedControl aria-label="Traces by" style={{ alignSelf: 'flex-start' }} data={[{ value: 'search', label: 'Search' }, { value: 'id', label: 'Trace id' }]} value={search ? 'search' : 'id'} onChange={(next) => set({ queryType: next === 'search' ? 'search' : undefined, query: '' })} />
      {search ? (
        <div className={classes.queryOptions}>
          <Select className={classes.grow} label="Service" searchable data={withOwn(known.data, service)} value={service === '' ? null : service} onChange={(next) => set({ service: next ?? '', operation: '' })} error={known.isError ? 'The services could not be loaded' : undefined} />
          <Select className={classes.grow} label="Operation" searchable clearable placeholder="all" data={withOwn(names.data, text('operation'))} value={text('operation') === '' ? null : text('operation')} onChange={(next) => set({ operation: next ?? '' })} />
          <Field className={classes.grow} label="Tags" placeholder='http.status_code=500 error=true' value={text('tags')} onCommit={(tags) => set({ tags })} />
          <Field label="Min duration" placeholder="100ms" value={text('minDuration')} onCommit={(minDuration) => set({ minDuration })} />
          <Field label="Max duration" placeholder="1s" value={text('maxDuration')} onCommit={(maxDuration) => set({ maxDuration })} />
          <NumberInput label="Limit" min={1} max={1500} placeholder="20" value={typeof target.limit === 'number' ? target.limit : ''} onChange={(limit) => set({ limit: typeof limit === 'number' ? limit : undefined }, 'limit')} />
        </div>
      ) : (
        <Field label="Trace id" placeholder="4bf92f3577b34da6a3ce929d0e0e4736" value={target.query ?? ''} onCommit={(query) => set({ query })} />
      )}
    </>
  );
}

export function Field({ label, placeholder, value, onCommit, className }: { label: string; placeholder: string; value: string; onCommit: (text: string) => void; className?: string | undefined }) {
  const { text, setText, commit } = useCommitted(value, onCommit);
  return <TextInput className={className} label={label} placeholder={placeholder} value={text} onChange={(event) => setText(event.currentTarget.value)} onBlur={() => commit()} onKeyDown={(event) => event.key === 'Enter' && commit()} />;
}
