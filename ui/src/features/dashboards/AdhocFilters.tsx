import { Autocomplete, Button, NativeSelect, Popover, TagsInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Datasource } from '@/api/dashboards';
import { adhocKeys, adhocOperatorsOf, adhocValues } from '@/features/dashboards/data/adhocKeys';
import { filtersOf, formatFilter, isManyOperator, operatorNames } from '@/features/dashboards/model/adhoc';
import type { AdhocFilter } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';
import type { ResolvedRange } from '@/lib/timeRange';
import classes from './AdhocFilters.module.css';

/** Where keys and values of ad hoc filters come from. */
export interface AdhocContext {
  datasources: readonly Datasource[];
  range: ResolvedRange;
}

interface AdhocFiltersProps {
  id: string;
  variable: Variable;
  onChange: (values: string[]) => void;
  context: AdhocContext | undefined;
}

/** The conditions of an ad hoc variable: each can be edited and removed, and one more added. */
export function AdhocFilters({ id, variable, onChange, context }: AdhocFiltersProps) {
  const filters = filtersOf(variable);
  const datasource = context?.datasources.find((one) => one.uid === variable.datasource);
  const set = (next: AdhocFilter[]) => onChange(next.map(formatFilter));
  const form = { datasource, range: context?.range };
  return (
    <div className={classes.filters} role="group" aria-label={`Filters of ${variable.label}`}>
      {filters.map((filter, index) => (
        <span key={formatFilter(filter)} className={classes.filter}>
          <FilterPopover
            {...form}
            start={filter}
            others={filters.filter((_, at) => at !== index)}
            onDone={(next) => set(filters.map((one, at) => (at === index ? next : one)))}
            label={`Change the filter ${filter.key} ${operatorNames[filter.operator] ?? ''} ${valueText(filter)}`}
            className={classes.text}
          >
            {filter.key}
            <span className={classes.operator}>{filter.operator}</span>
            {valueText(filter) === '' ? '""' : valueText(filter)}
          </FilterPopover>
          <button type="button" className={classes.remove} aria-label={`Remove the filter on ${filter.key}`} onClick={() => set(filters.filter((_, at) => at !== index))}>
            <IconX size={13} />
          </button>
        </span>
      ))}
      <FilterPopover {...form} id={id} start={{ key: '', operator: '=', value: '' }} others={filters} onDone={(next) => set([...filters, next])} label={`Add a filter to ${variable.label}`} className={classes.add}>
        <IconPlus size={13} /> Filter
      </FilterPopover>
    </div>
  );
}

function valueText({ operator, value, values }: AdhocFilter): string {
  return isManyOperator(operator) ? (values ?? [value]).join(', ') : value;
}

interface FilterPopoverProps {
  id?: string;
  start: AdhocFilter;
  others: readonly AdhocFilter[];
  datasource: Datasource | undefined;
  range: ResolvedRange | undefined;
  label: string;
  className: string | undefined;
  onDone: (filter: AdhocFilter) => void;
  children: React.ReactNode;
}

function FilterPopover({ id, label, className, children, ...rest }: FilterPopoverProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button id={id} type="button" className={className} aria-label={label} aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
          {children}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <FilterForm
          {...rest}
          onDone={(filter) => {
            setOpen(false);
            rest.onDone(filter);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterForm({ start, others, datasource, range, onDone }: Pick<FilterPopoverProps, 'start' | 'others' | 'datasource' | 'range' | 'onDone'>) {
  const [filter, setFilter] = useState(start);
  const ready = datasource !== undefined && range !== undefined;
  const keys = useQuery({ queryKey: ['adhoc-keys', datasource?.uid, range], queryFn: ({ signal }) => (ready ? adhocKeys(datasource, range, signal) : []), enabled: ready, staleTime: 60_000 });
  const values = useQuery({ queryKey: ['adhoc-values', datasource?.uid, filter.key, others, range], queryFn: ({ signal }) => (ready ? adhocValues(datasource, filter.key, others, range, signal) : []), enabled: ready && filter.key !== '', staleTime: 60_000 });
  const many = isManyOperator(filter.operator);
  const chosen = filter.values ?? (filter.value === '' ? [] : [filter.value]);
  const done = filter.key.trim() !== '' && (many ? chosen.length > 0 : filter.value !== '' || filter.operator === '=' || filter.operator === '!=');
  const problem = keys.error ?? values.error;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (done) onDone(many ? { ...filter, value: chosen[0] ?? '', values: chosen } : { key: filter.key.trim(), operator: filter.operator, value: filter.value });
      }}
    >
      <Autocomplete size="xs" label="Key" data={keys.data ?? []} limit={200} value={filter.key} onChange={(key) => setFilter({ ...filter, key })} data-autofocus comboboxProps={{ withinPortal: false }} maxDropdownHeight={220} />
      <NativeSelect size="xs" label="Operator" value={filter.operator} onChange={(event) => setFilter({ ...filter, operator: event.currentTarget.value })} data={adhocOperatorsOf(datasource).map((value) => ({ value, label: `${value}  ${operatorNames[value] ?? ''}` }))} />
      {many ? (
        <TagsInput size="xs" label="Values" data={values.data ?? []} limit={200} value={chosen} onChange={(next) => setFilter({ ...filter, values: next })} comboboxProps={{ withinPortal: false }} maxDropdownHeight={220} />
      ) : (
        <Autocomplete size="xs" label="Value" data={values.data ?? []} limit={200} value={filter.value} onChange={(value) => setFilter({ ...filter, value })} comboboxProps={{ withinPortal: false }} maxDropdownHeight={220} />
      )}
      {problem !== null && <p className={classes.problem}>{problem.message}</p>}
      <div className={classes.buttons}>
        <Button type="submit" size="compact-sm" disabled={!done}>
          Apply
        </Button>
      </div>
    </form>
  );
}
