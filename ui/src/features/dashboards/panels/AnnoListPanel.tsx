import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { listAnnotations, type StoredAnnotation } from '@/api/annotations';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { LoadingState } from '@/components/LoadingState';
import { useTimeRange } from '@/components/useTimeRange';
import { listOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { parseDuration } from '@/lib/duration';
import type { RawSearch } from '@/lib/search';
import { formatAgo, formatDateTime } from '@/lib/timeRange';
import classes from './lists/lists.module.css';

const nearMs = 10 * 60_000;

/** The annotations that are kept here: of this dashboard or all, in the time range or ever; a click goes to their time. */
export function AnnoListPanel({ panel, replace }: Pick<PanelProps, 'panel' | 'replace'>) {
  const { options } = panel;
  const { uid = '' } = useParams({ strict: false });
  const { resolved } = useTimeRange();
  const [picked, setPicked] = useState<string[]>([]);
  const inRange = option(options, 'onlyInTimeRange', false);
  const tags = [...new Set([...listOption(options, 'tags').map(replace), ...picked])];
  const filter = {
    from: inRange ? resolved.from : 0,
    to: inRange ? resolved.to : endOfMinute(resolved.to),
    tags,
    limit: Math.min(500, Math.max(1, option(options, 'limit', 10))),
    ...(option(options, 'onlyFromThisDashboard', false) ? { dashboardUid: uid } : {}),
  };
  const query = useQuery({ queryKey: ['annotations', 'list', filter], queryFn: ({ signal }) => listAnnotations(filter, signal), placeholderData: (before) => before });
  if (query.isError && query.data === undefined) return <ErrorState error={query.error} title="The annotations could not be loaded" onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return <LoadingState label="Loading annotations" lines={3} />;
  const toggle = (tag: string): void => setPicked(picked.includes(tag) ? picked.filter((one) => one !== tag) : [...picked, tag]);
  const list = query.data.toSorted((a, b) => b.time_ms - a.time_ms);
  return (
    <div className={classes.list} tabIndex={0} role="group" aria-label="Annotations">
      {picked.length > 0 && (
        <div className={classes.picked}>
          <span className="faint">Only with</span>
          {picked.map((tag) => (
            <button key={tag} type="button" className={classes.tag} aria-pressed="true" aria-label={`Without the filter ${tag}`} onClick={() => toggle(tag)}>
              {tag}
            </button>
          ))}
        </div>
      )}
      {list.length === 0 && <EmptyState title="No annotations">Deploys and notes that are written to the annotations API are listed here.</EmptyState>}
      {list.map((one) => (
        <AnnotationRow key={one.id} annotation={one} options={options} picked={picked} onTag={toggle} />
      ))}
    </div>
  );
}

/** A key that changes each second would ask each second. */
function endOfMinute(ms: number): number {
  return Math.ceil(ms / 60_000) * 60_000;
}

type Written = StoredAnnotation & { created_by?: string };

function AnnotationRow({ annotation, options, picked, onTag }: { annotation: Written; options: Record<string, unknown> | undefined; picked: readonly string[]; onTag: (tag: string) => void }) {
  const search = placeOf(annotation, options);
  const content = (
    <>
      <span className={classes.annoText}>{annotation.text === '' ? 'Annotation' : plain(annotation.text)}</span>
      <span className={classes.annoTime} title={formatDateTime(annotation.time_ms)}>
        {option(options, 'showUser', true) && annotation.created_by !== undefined && annotation.created_by !== '' && `${annotation.created_by} · `}
        {option(options, 'showTime', true) && formatAgo(annotation.time_ms, Date.now())}
      </span>
    </>
  );
  const target = annotation.dashboard_uid;
  return (
    <div className={classes.annoItem}>
      <Link to={(target === undefined || target === '' || !option(options, 'navigateToPanel', true) ? '.' : `/dashboards/${encodeURIComponent(target)}`) as string} search={((before: RawSearch) => ({ ...before, ...search })) as never} className={classes.anno}>
        {content}
      </Link>
      {option(options, 'showTags', true) && (annotation.tags ?? []).length > 0 && (
        <div className={classes.tags} style={{ padding: '3px 2px 5px' }}>
          {(annotation.tags ?? []).map((tag) => (
            <button key={tag} type="button" className={classes.tag} aria-pressed={picked.includes(tag)} onClick={() => onTag(tag)}>
              {tag}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** The time around an annotation: from a while before it began to a while after it ended. */
function placeOf({ time_ms: start, end_ms: end, panel_id: panelId, dashboard_uid: dashboard }: Written, options: Record<string, unknown> | undefined): RawSearch {
  const before = parseDuration(option(options, 'navigateBefore', '10m')) ?? nearMs;
  const after = parseDuration(option(options, 'navigateAfter', '10m')) ?? nearMs;
  const panel = panelId === undefined || panelId === 0 || dashboard === undefined || !option(options, 'navigateToPanel', true) ? {} : { panel: String(panelId) };
  return { from: String(start - before), to: String((end ?? start) + after), ...panel };
}

/** Annotations may hold HTML: here is room for a line of text. */
function plain(text: string): string {
  return new DOMParser().parseFromString(text.slice(0, 4000), 'text/html').body.textContent.replace(/\s+/g, ' ').trim();
}
