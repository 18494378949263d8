import { Button, SegmentedControl, Switch } from '@mantine/core';
import { IconListSearch, IconPlayerPlay } from '@tabler/icons-react';
import { LinkButton } from '@/components/LinkButton';
import { liveTail } from '@/lib/links';
import type { ResolvedRange } from '@/lib/timeRange';
import type { SetOptions } from '@/lib/useSearchState';
import type { logsSearch } from '../exploreSearch';
import { ExportButton } from './ExportButton';
import classes from './LogsTab.module.css';

type State = ReturnType<(typeof logsSearch)['parse']>;

interface LogsToolbarProps {
  state: State;
  set: (change: Partial<State>, options?: SetOptions) => void;
  query: string;
  range: ResolvedRange;
  columns: readonly string[];
  parsers: readonly ('json' | 'logfmt')[];
  onFields: () => void;
}

/** How the lines are shown, and where they can be taken. */
export function LogsToolbar({ state, set, query, range, columns, parsers, onFields }: LogsToolbarProps) {
  const quiet = { replace: true };
  return (
    <div className={classes.toolbar}>
      <SegmentedControl
        aria-label="View of the lines"
        data={[
          { value: 'lines', label: 'Lines' },
          { value: 'table', label: 'Table' },
          { value: 'patterns', label: 'Patterns' },
        ]}
        value={state.view}
        onChange={(value) => set({ view: value as State['view'] })}
      />
      <Button variant="subtle" color="gray" leftSection={<IconListSearch size={14} />} aria-pressed={state.fields} onClick={onFields}>
        Fields
      </Button>
      <div className={classes.right}>
        {state.view !== 'patterns' && (
          <>
            <Switch size="xs" label="Wrap" checked={state.wrap} onChange={(event) => set({ wrap: event.currentTarget.checked }, quiet)} />
            <Switch size="xs" label="Messages" checked={state.show === 'message'} onChange={(event) => set({ show: event.currentTarget.checked ? 'message' : 'line' }, quiet)} />
            <SegmentedControl
              aria-label="Order"
              data={[
                { value: 'newest', label: 'Newest' },
                { value: 'oldest', label: 'Oldest' },
              ]}
              value={state.order}
              onChange={(value) => set({ order: value as State['order'] })}
            />
          </>
        )}
        <ExportButton query={query} range={range} order={state.order} columns={columns} parsers={parsers} />
        <LinkButton place={liveTail(query)} variant="subtle" color="gray" leftSection={<IconPlayerPlay size={14} />}>
          Live
        </LinkButton>
      </div>
    </div>
  );
}
