import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { operations, services } from '@/api/jaeger';
import { isJaegerDuration, parseTags } from '@/lib/tags';
import type { tracesSearch } from '../exploreSearch';
import { TraceMode } from './TraceMode';
import classes from './traces.module.css';

type Search = ReturnType<(typeof tracesSearch)['parse']>;
export type TraceQuery = Pick<Search, 'service' | 'operation' | 'tags' | 'min' | 'max' | 'limit'>;

interface TraceFormProps {
  value: TraceQuery;
  onSearch: (query: TraceQuery) => void;
  onOpen: (traceId: string) => void;
}

const anyOperation = '';

function same(a: TraceQuery, b: TraceQuery): boolean {
  return a.service === b.service && a.operation === b.operation && a.tags === b.tags && a.min === b.min && a.max === b.max && a.limit === b.limit;
}

/** What to search traces by. A trace id in the tags' place opens that trace. */
export function TraceForm({ value, onSearch, onOpen }: TraceFormProps) {
  const [draft, setDraft] = useState(value);
  const serviceList = useQuery({ queryKey: ['trace-services'], queryFn: ({ signal }) => services(signal), staleTime: 15_000 });
  const operationList = useQuery({
    queryKey: ['trace-operations', draft.service],
    queryFn: ({ signal }) => operations(draft.service, signal),
    enabled: draft.service !== '',
    staleTime: 15_000,
  });
  const traceId = /^[0-9a-f]{16,32}$/i.test(draft.tags.trim()) ? draft.tags.trim() : undefined;
  const tags = parseTags(draft.tags);
  const tagError = traceId === undefined && 'error' in tags ? tags.error : null;
  const durationError = (text: string) => (isJaegerDuration(text) ? null : 'Like 100ms or 1.5s');
  const valid = tagError === null && durationError(draft.min) === null && durationError(draft.max) === null;
  const change = (part: Partial<TraceQuery>) => setDraft({ ...draft, ...part });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (traceId !== undefined) onOpen(traceId);
    else if (valid && draft.service !== '') onSearch(draft);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <Select
        label="Service"
        placeholder={serviceList.data?.length === 0 ? 'No service yet' : 'Choose a service'}
        searchable
        data={serviceList.data ?? []}
        value={draft.service === '' ? null : draft.service}
        onChange={(service) => {
          const next = { ...draft, service: service ?? '', operation: anyOperation };
          setDraft(next);
          if (next.service !== '') onSearch(next);
        }}
        data-shortcut="query"
      />
      <Select
        label="Operation"
        placeholder="Any"
        searchable
        clearable
        disabled={draft.service === ''}
        data={operationList.data ?? []}
        value={draft.operation === anyOperation ? null : draft.operation}
        onChange={(operation) => change({ operation: operation ?? anyOperation })}
      />
      <TextInput
        className={classes.wide}
        label="Tags or trace id"
        placeholder="http.status_code=500 error=true"
        spellCheck={false}
        value={draft.tags}
        error={tagError}
        onChange={(event) => change({ tags: event.currentTarget.value })}
      />
      <TextInput className={classes.narrow} label="Min" placeholder="100ms" spellCheck={false} value={draft.min} error={durationError(draft.min)} onChange={(event) => change({ min: event.currentTarget.value })} />
      <TextInput className={classes.narrow} label="Max" placeholder="2s" spellCheck={false} value={draft.max} error={durationError(draft.max)} onChange={(event) => change({ max: event.currentTarget.value })} />
      <NumberInput className={classes.narrow} label="Limit" min={1} max={1500} clampBehavior="blur" value={draft.limit} onChange={(limit) => change({ limit: Number(limit) || 20 })} />
      <div className={classes.tools}>
        <Button type="submit" variant={traceId === undefined && same(draft, value) ? 'light' : 'filled'} leftSection={<IconSearch size={14} />} disabled={traceId === undefined && (!valid || draft.service === '')}>
          {traceId === undefined ? 'Search' : 'Open trace'}
        </Button>
        <TraceMode />
      </div>
    </form>
  );
}

