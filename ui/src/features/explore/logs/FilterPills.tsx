import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowsExchange, IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { filtersOf, negateFilter, type QueryFilter, removeFilter } from '@/lib/logqlFilters';
import classes from './FilterPills.module.css';

interface FilterPillsProps {
  query: string;
  onQuery: (query: string) => void;
}

/** The query's conditions, each removable and to be turned around with a click. */
export function FilterPills({ query, onQuery }: FilterPillsProps) {
  const filters = useMemo(() => filtersOf(query), [query]);
  if (filters.length === 0) return null;
  return (
    <ul className={classes.pills} aria-label="Filters">
      {filters.map((filter) => (
        <Pill key={`${filter.from}/${filter.text}`} filter={filter} query={query} onQuery={onQuery} />
      ))}
    </ul>
  );
}

function Pill({ filter, query, onQuery }: FilterPillsProps & { filter: QueryFilter }) {
  const negative = filter.operator.startsWith('!');
  const turned = negateFilter(query, filter);
  return (
    <li className={classes.pill} data-kind={filter.kind} data-negative={negative}>
      <span className={classes.text} title={filter.text}>
        {filter.kind === 'parser' ? `parse ${filter.value}` : filter.text}
      </span>
      {turned !== query && (
        <Tooltip label={negative ? 'Include instead' : 'Exclude instead'}>
          <ActionIcon variant="subtle" color="gray" size={20} aria-label={`Turn around: ${filter.text}`} onClick={() => onQuery(turned)}>
            <IconArrowsExchange size={12} />
          </ActionIcon>
        </Tooltip>
      )}
      <Tooltip label="Remove">
        <ActionIcon variant="subtle" color="gray" size={20} aria-label={`Remove: ${filter.text}`} onClick={() => onQuery(removeFilter(query, filter))}>
          <IconX size={12} />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
