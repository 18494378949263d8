import { exploreTraceQL } from '@/lib/links';
import { ask, entry, type Group, quoted, service } from './askSpans';
import { type Change, compared, type Span } from './change';
import { percent, worse, worthShare } from './services';

/** Services that their spans tell of: those that came and went, and those that fail more often. */
export async function spanServices(now: Span, before: Span, signal: AbortSignal): Promise<Change[]> {
  const by = `count_over_time() by (${service})`;
  const calls = async (over: Span): Promise<Calls> => {
    const [all, failed] = await Promise.all([ask(`${entry} | ${by}`, over, signal), ask(`{ status = error && (kind = server || kind = consumer) } | ${by}`, over, signal)]);
    return { calls: all, failed };
  };
  const [current, was, all, allBefore] = await Promise.all([calls(now), calls(before), ask(`{ } | ${by}`, now, signal), ask(`{ } | ${by}`, before, signal)]);
  return [...present(all, allBefore, now), ...worsened(current, was, now)];
}

/** Fewer calls say nothing of a share. */
const worthCalls = 10;

interface Calls {
  calls: readonly Group[];
  failed: readonly Group[];
}

function byService(groups: readonly Group[]): Map<string, number> {
  return new Map(groups.filter(({ value }) => value > 0).map(({ labels, value }) => [labels[service] ?? '', value]));
}

/** Services with spans in one of the times only; one that had less than one a minute may only be rare. */
export function present(now: readonly Group[], was: readonly Group[], over: Span): Change[] {
  const [current, before] = [byService(now), byService(was)];
  const minutes = (over.to - over.from) / 60_000;
  const place = (name: string) => exploreTraceQL(`{ ${service} = ${quoted(name)} }`, { from: over.from - (over.to - over.from), to: over.to });
  return [
    ...[...current].filter(([name]) => !before.has(name)).map(([name]): Change => ({ kind: 'appeared', subject: name, detail: 'is new', place: place(name) })),
    ...[...before].filter(([name, spans]) => spans >= minutes && !current.has(name)).map(([name]): Change => ({ kind: 'gone', subject: name, detail: 'sends no spans any more', place: place(name) })),
  ];
}

/** Services whose share of failed calls is clearly higher than it was. */
export function worsened(current: Calls, was: Calls, over: Span): Change[] {
  const [calls, callsBefore, failedBefore] = [byService(current.calls), byService(was.calls), byService(was.failed)];
  return [...byService(current.failed)].flatMap(([name, failed]): Change[] => {
    const all = calls.get(name) ?? 0;
    const share = failed / all;
    const earlier = callsBefore.get(name);
    const then = (failedBefore.get(name) ?? 0) / (earlier ?? 1);
    if (all < worthCalls || share <= worthShare || share < then * worse) return [];
    const detail = earlier === undefined ? `failed calls ${percent(share)}` : compared('failed calls', share, then, percent);
    return [{ kind: 'failing', subject: name, detail, place: exploreTraceQL(`{ status = error && ${service} = ${quoted(name)} }`, over) }];
  });
}
