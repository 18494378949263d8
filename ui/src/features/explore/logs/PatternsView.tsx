import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type CSSProperties, useState } from 'react';
import { type LogPattern, logPatterns, queryLogs } from '@/api/loki';
import { EmptyState } from '@/components/EmptyState';
import { LogLine } from '@/components/logs/LogLine';
import { Notice } from '@/components/Notice';
import { Panel } from '@/components/Panel';
import { QueryView } from '@/components/QueryView';
import { ResultStatus } from '@/components/ResultStatus';
import { Sparkline } from '@/components/Sparkline';
import { useTimeRange } from '@/components/useTimeRange';
import { levelColor, levelOf, normaliseLevel } from '@/lib/levels';
import { addPatternFilter } from '@/lib/logqlFilters';
import { formatStep, type ResolvedRange, stepFor } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import classes from './PatternsView.module.css';

interface PatternsViewProps {
  query: string;
  onQuery: (query: string) => void;
}

const points = 40;
const samples = 5;
const firstShown = 100;

/** What the lines have in common, the most frequent first, with their trend; each can be kept or hidden. */
export function PatternsView({ query, onQuery }: PatternsViewProps) {
  const { resolved } = useTimeRange();
  const [shown, setShown] = useState(firstShown);
  const step = stepFor(resolved, points);
  const patterns = useQuery({
    queryKey: ['log-patterns', query, resolved.from, resolved.to, step],
    queryFn: ({ signal }) => logPatterns(query, resolved.from, resolved.to, step, signal),
    placeholderData: keepPreviousData,
  });
  const list = patterns.data?.patterns ?? [];
  const total = list.reduce((sum, one) => sum + one.total, 0);
  return (
    <Panel
      title="Patterns"
      flush
      className={classes.panel}
      aside={
        patterns.data && (
          <ResultStatus loading={patterns.isFetching} warnings={patterns.data.warnings} tookMs={patterns.data.tookMs} facts={[`${list.length} patterns`, `${formatValue(total, 'short', 4)} lines`, `${formatStep(step)} steps`]} />
        )
      }
    >
      {(patterns.data?.warnings.length ?? 0) > 0 && (
        <div className={classes.notice}>
          <Notice messages={patterns.data?.warnings ?? []} />
        </div>
      )}
      <QueryView
        query={patterns}
        errorTitle="The patterns could not be found"
        isEmpty={() => list.length === 0}
        empty={<EmptyState title="No patterns">No lines match in this time range. Widen it, or take a filter out of the query.</EmptyState>}
      >
        {() => (
          <div className={classes.list}>
            {list.slice(0, shown).map((pattern) => (
              <PatternRow key={`${pattern.level}/${pattern.pattern}`} pattern={pattern} total={total} query={query} range={resolved} step={step} onQuery={onQuery} />
            ))}
            {list.length > shown && (
              <Button variant="subtle" onClick={() => setShown(shown + firstShown)}>
                {list.length - shown} rarer patterns
              </Button>
            )}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

interface PatternRowProps extends PatternsViewProps {
  pattern: LogPattern;
  total: number;
  range: ResolvedRange;
  step: number;
}

function PatternRow({ pattern, total, query, range, step, onQuery }: PatternRowProps) {
  const [open, setOpen] = useState(false);
  const level = normaliseLevel(pattern.level);
  return (
    <div className={classes.pattern} style={{ '--row-level': levelColor(level) } as CSSProperties}>
      <div className={classes.row}>
        <span className={`${classes.count} num`}>{formatValue(pattern.total, 'short', 3)}</span>
        <span className={`${classes.share} num`}>{((pattern.total / Math.max(1, total)) * 100).toFixed(1)} %</span>
        <span className={classes.trend}>
          <Sparkline points={filled(pattern, range, step)} color={levelColor(level)} height={24} label={`Trend of ${pattern.pattern}`} />
        </span>
        <button type="button" className={classes.text} aria-expanded={open} onClick={() => setOpen(!open)}>
          {level !== 'unknown' && <span className={classes.level}>{level}</span>}
          {pattern.pattern.split('<_>').map((part, index) => (
            <span key={index}>
              {index > 0 && <span className={classes.hole}>…</span>}
              {part}
            </span>
          ))}
        </button>
        <span className={classes.tools}>
          <Tooltip label="Only lines of this pattern">
            <ActionIcon variant="subtle" size={22} aria-label={`Only lines like ${pattern.pattern}`} onClick={() => onQuery(addPatternFilter(query, '|>', pattern.pattern))}>
              <IconZoomIn size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Hide lines of this pattern">
            <ActionIcon variant="subtle" size={22} aria-label={`No lines like ${pattern.pattern}`} onClick={() => onQuery(addPatternFilter(query, '!>', pattern.pattern))}>
              <IconZoomOut size={14} />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      {open && <Samples query={addPatternFilter(query, '|>', pattern.pattern)} range={range} />}
    </div>
  );
}

/** Some lines of a pattern, the newest first. */
function Samples({ query, range }: { query: string; range: ResolvedRange }) {
  const lines = useQuery({
    queryKey: ['log-pattern-samples', query, range.from, range.to],
    queryFn: ({ signal }) => queryLogs({ query, start: `${Math.floor(range.from)}000000`, end: `${Math.floor(range.to)}000000`, limit: samples, direction: 'backward' }, signal),
  });
  return (
    <div className={classes.samples}>
      <QueryView query={lines} errorTitle="Its lines could not be loaded" isEmpty={(data) => data.rows.length === 0} empty={<EmptyState title="No line fits any more" />}>
        {(data) => data.rows.map((row) => <LogLine key={row.key} ms={row.ms} level={levelOf({ ...row.labels, ...row.metadata }, row.line)} text={row.line} wrap open={false} marks={[]} />)}
      </QueryView>
    </div>
  );
}

/** A pattern's counts with zeros where it has no lines. */
function filled({ samples: counts }: LogPattern, range: ResolvedRange, step: number): [number, number][] {
  const at = new Map(counts);
  const first = Math.floor(range.from / 1000 / step) * step;
  const out: [number, number][] = [];
  for (let t = first; t <= range.to / 1000; t += step) out.push([t, at.get(t) ?? 0]);
  return out;
}
