import { ActionIcon, Autocomplete, Select } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Matcher } from '@/lib/promqlBuilder';
import classes from './builder.module.css';

interface MatcherRowProps {
  matcher: Matcher;
  labels: readonly string[];
  /** Values of a label that the other matchers leave. */
  loadValues: (label: string, signal: AbortSignal) => Promise<string[]>;
  /** Distinguishes answers: signal and the other matchers. */
  scope: string;
  onChange: (matcher: Matcher) => void;
  onRemove: () => void;
}

const operators: Matcher['op'][] = ['=', '!=', '=~', '!~'];

/** One label filter: label, operator, value, completed from what there is. */
export function MatcherRow({ matcher, labels, loadValues, scope, onChange, onRemove }: MatcherRowProps) {
  const values = useQuery({ queryKey: ['builder-values', scope, matcher.name], queryFn: ({ signal }) => loadValues(matcher.name, signal), enabled: matcher.name !== '', staleTime: 60_000, retry: false });
  return (
    <span className={classes.matcher}>
      <Autocomplete size="xs" w={130} aria-label="Label" placeholder="label" data={[...labels]} limit={60} value={matcher.name} onChange={(name) => onChange({ ...matcher, name })} />
      <Select w={58} aria-label="Operator" data={operators} value={matcher.op} allowDeselect={false} rightSection={<span />} rightSectionWidth={0} onChange={(op) => onChange({ ...matcher, op: op ?? '=' })} />
      <Autocomplete size="xs" w={150} aria-label={`Value of ${matcher.name || 'the label'}`} placeholder="value" data={[...new Set(values.data ?? [])]} limit={60} value={matcher.value} onChange={(value) => onChange({ ...matcher, value })} />
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Remove the filter on ${matcher.name || 'a label'}`} onClick={onRemove}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
