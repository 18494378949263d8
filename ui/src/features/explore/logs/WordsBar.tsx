import { Button, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { logLabelValues } from '@/api/loki';
import { useTimeRange } from '@/components/useTimeRange';
import { addFilter } from '@/lib/logql';
import { filtersOf, removeFilter } from '@/lib/logqlFilters';
import { wordsText, withWords } from '@/lib/logWords';
import classes from './LogsTab.module.css';

interface WordsBarProps {
  query: string;
  onQuery: (query: string) => void;
}

const everything = '{service_name=~".+"}';

/** Searching without LogQL: a service, and words that must be in the lines. Everything else of the query stays as it is. */
export function WordsBar({ query, onQuery }: WordsBarProps) {
  const { resolved } = useTimeRange();
  const asked = wordsText(query);
  const [draft, setDraft] = useState({ asked, text: asked });
  if (draft.asked !== asked) setDraft({ asked, text: asked });
  const services = useQuery({
    queryKey: ['log-label-values', 'service_name', resolved.from, resolved.to],
    queryFn: ({ signal }) => logLabelValues('service_name', resolved.from, resolved.to, undefined, signal),
    staleTime: 30_000,
  });
  const chosen = filtersOf(query).find((one) => one.kind === 'matcher' && one.name === 'service_name' && one.operator === '=');
  const base = query.trim() === '' ? everything : query;
  const choose = (service: string | null) => {
    if (service === null) onQuery(chosen === undefined ? base : removeFilter(base, chosen));
    else onQuery(addFilter(chosen === undefined ? base : removeFilter(base, chosen), 'service_name', '=', service, 'label'));
  };
  return (
    <form
      className={classes.words}
      onSubmit={(event) => {
        event.preventDefault();
        onQuery(withWords(base, draft.text));
      }}
    >
      <Select
        aria-label="Service"
        placeholder="Every service"
        searchable
        clearable
        w={200}
        data={services.data ?? []}
        value={chosen?.value ?? null}
        onChange={choose}
      />
      <TextInput
        className={classes.wordsInput}
        aria-label="Words"
        placeholder='Words, for example: timeout -debug "connection refused" GET OR POST'
        leftSection={<IconSearch size={14} />}
        spellCheck={false}
        value={draft.text}
        onChange={(event) => setDraft({ asked, text: event.currentTarget.value })}
        data-shortcut="query"
      />
      {/* Without it Enter would not submit a form of two fields. */}
      <Button type="submit" variant={draft.text === asked ? 'light' : 'filled'}>
        Search
      </Button>
    </form>
  );
}
