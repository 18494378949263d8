import { useElementSize } from '@mantine/hooks';
import { lazy, Suspense, useCallback, useMemo, useState } from 'react';
import type { LogRow } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { LoadingState } from '@/components/LoadingState';
import { NothingSent } from '@/components/NothingSent';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { useTimeRange } from '@/components/useTimeRange';
import { fieldStats } from '@/lib/fieldStats';
import { addFilter } from '@/lib/logql';
import { addPresence } from '@/lib/logqlFilters';
import { quote } from '@/lib/promql';
import { useSearchState } from '@/lib/useSearchState';
import { useBeside } from '../useBeside';
import { logsSearch } from '../exploreSearch';
import { type Column, formatColumns, parseColumns, toggleColumn } from './columns';
import { FieldsSidebar } from './FieldsSidebar';
import { LogRows } from './LogRows';
import classes from './LogsTab.module.css';
import { LogVolume } from './LogVolume';
import { LogsToolbar } from './LogsToolbar';
import { maxRows, useLogRows } from './useLogRows';

const ContextDrawer = lazy(async () => ({ default: (await import('./ContextDrawer')).ContextDrawer }));
const FieldsDrawer = lazy(async () => ({ default: (await import('./FieldsDrawer')).FieldsDrawer }));
const PatternsView = lazy(async () => ({ default: (await import('./PatternsView')).PatternsView }));

/** Pixels from which on the fields stand beside the lines. */
const roomForFields = 820;

interface DiscoverProps {
  query: string;
  /** Asks another query: what a filter makes of this one. */
  onQuery: (query: string) => void;
}

/** The lines of a log query: fields beside them, their volume above, as lines, as a table, or as patterns. */
export function Discover({ query, onQuery }: DiscoverProps) {
  const [state, set] = useSearchState(logsSearch);
  const { resolved } = useTimeRange();
  const { ref, width } = useElementSize();
  // In a narrow pane the fields come over the lines.
  const narrow = (width > 0 ? width : window.innerWidth) < roomForFields;
  const [drawer, setDrawer] = useState(false);
  const { result, rows, warnings } = useLogRows(query, resolved, state.order === 'newest' ? 'backward' : 'forward');
  const [context, setContext] = useState<LogRow>();
  const onBeside = useBeside();
  const columns = useMemo(() => parseColumns(state.cols), [state.cols]);
  const setColumns = useCallback((next: Column[]) => set({ cols: formatColumns(next) }, { replace: true }), [set]);
  const onColumn = (name: string) => set({ cols: formatColumns(toggleColumn(columns, name)), ...(state.view === 'lines' && columns.length === 0 ? { view: 'table' } : {}) });
  const { fetchNextPage } = result;
  const onMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const last = result.data?.pages.at(-1);
  const sidebar = (
    <FieldsSidebar
      rows={rows}
      query={query}
      range={resolved}
      columns={columns.map((one) => one.name)}
      onColumn={onColumn}
      onFilter={(field, operator, value) => onQuery(addFilter(query, field.name, operator, value, field.source))}
      onPresent={(field) => onQuery(addPresence(query, field.name, field.source === 'json' || field.source === 'logfmt' ? field.source : undefined))}
    />
  );
  const parsers = useMemo(() => {
    const named = new Set(columns.map((one) => one.name));
    return [...new Set(fieldStats(rows.slice(0, 200)).flatMap(({ name, source }) => (named.has(name) && (source === 'json' || source === 'logfmt') ? [source] : [])))];
  }, [columns, rows]);
  return (
    <div className={classes.discover} ref={ref}>
      {state.fields && !narrow && <Panel flush className={classes.fields}>{sidebar}</Panel>}
      {drawer && (
        <Suspense fallback={null}>
          <FieldsDrawer onClose={() => setDrawer(false)}>{sidebar}</FieldsDrawer>
        </Suspense>
      )}
      <div className={classes.main}>
        <LogVolume query={query} onLevel={(name, values) => onQuery(withLevel(query, name, values))} />
        <LogsToolbar
          state={state}
          set={set}
          query={query}
          range={resolved}
          columns={columns.map((one) => one.name)}
          parsers={parsers}
          onFields={() => (narrow ? setDrawer(true) : set({ fields: !state.fields }, { replace: true }))}
        />
        {state.view === 'patterns' ? (
          <Suspense fallback={<LoadingState label="Finding patterns" />}>
            <PatternsView query={query} onQuery={onQuery} />
          </Suspense>
        ) : (
          <Panel
            className={classes.list}
            title="Lines"
            aside={
              last && (
                <ResultStatus loading={result.isFetching} warnings={warnings} tookMs={last.tookMs} facts={[`${rows.length.toLocaleString('en')}${result.hasNextPage ? '+' : ''} lines`]} />
              )
            }
            flush
          >
            {(warnings.length > 0 || rows.length >= maxRows) && (
              <div className={classes.notice}>
                <Notice messages={[...warnings, ...(rows.length >= maxRows ? [`The first ${maxRows.toLocaleString('en')} lines are shown: export has all of them, a narrower query the right ones.`] : [])]} />
              </div>
            )}
            <QueryView
              query={result}
              errorTitle="The query failed"
              isEmpty={() => rows.length === 0}
              empty={<EmptyState title="No lines match" action={<NothingSent signal="log_lines" />}>Widen the time range, or take a filter out of the query.</EmptyState>}
            >
              {() => (
                <LogRows
                  rows={rows}
                  query={query}
                  wrap={state.wrap}
                  show={state.show}
                  columns={state.view === 'table' ? columns : undefined}
                  onColumns={setColumns}
                  onColumn={onColumn}
                  onFilter={(field, operator) => onQuery(addFilter(query, field.name, operator, field.value, field.source))}
                  onContext={setContext}
                  onBeside={onBeside}
                  more={result.hasNextPage}
                  loadingMore={result.isFetchingNextPage}
                  onMore={onMore}
                />
              )}
            </QueryView>
            {context && (
              <Suspense fallback={null}>
                <ContextDrawer row={context} onClose={() => setContext(undefined)} />
              </Suspense>
            )}
          </Panel>
        )}
      </div>
    </div>
  );
}

/** The query narrowed to a level by the label that tells it, in all of the level's spellings. */
function withLevel(query: string, name: string, values: readonly string[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return addFilter(query, name, '=', only, 'metadata');
  const stage = ` | ${name}=~${quote(values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'))}`;
  return query.includes(stage) ? query : query + stage;
}
