import { exploreTraceQL } from '@/lib/links';
import { formatValue } from '@/lib/units';
import { ask, entry, type Group, quoted, service } from './askSpans';
import { type Change, compared, type Span } from './change';
import { spanServices } from './spanServices';

/**
 * What spans say, which need no metrics: slower operations, new errors, other versions and
 * replaced instances. Operations are compared over some minutes at the end of the two
 * times, so that a busy system is not read whole for it; errors are few and looked for in
 * all of it.
 */
export async function spanChanges(span: Span, signal: AbortSignal): Promise<Change[]> {
  const now: Span = { from: Math.max(span.from, span.to - sampleMs), to: span.to };
  const before: Span = { from: span.from - (now.to - now.from), to: span.from };
  const found = await Promise.all([slowerOperations(now, before, signal), newErrors(span, signal), resourceChanges(now, before, signal), spanServices(now, before, signal)]);
  return found.flat();
}

const sampleMs = 10 * 60_000;
/** How far back an error must not have been seen. */
const memoryMs = 24 * 3_600_000;
/** Slower by half, above 50 ms and asked once a minute at least: less is noise. */
const slower = 1.5;
const worthSeconds = 0.05;
const worthEach = 60_000;
const most = 12;

function keyOf({ labels }: Group): string {
  return Object.entries(labels).filter(([name]) => name !== 'p').map(([, value]) => value).join('\0');
}

async function slowerOperations(now: Span, before: Span, signal: AbortSignal): Promise<Change[]> {
  const by = `by (${service}, name)`;
  const quantile = `${entry} | quantile_over_time(duration, 0.95) ${by}`;
  const [p95, counts, was] = await Promise.all([ask(quantile, now, signal), ask(`${entry} | count_over_time() ${by}`, now, signal), ask(quantile, before, signal)]);
  return slowerOf(p95, counts, was, now);
}

/** Operations whose 95th percentile (seconds) is clearly higher than it was, the most first. */
export function slowerOf(p95: readonly Group[], counts: readonly Group[], was: readonly Group[], over: Span): Change[] {
  const calls = new Map(counts.map((one) => [keyOf(one), one.value]));
  const earlier = new Map(was.map((one) => [keyOf(one), one.value]));
  const rows = p95.flatMap((one) => {
    const then = earlier.get(keyOf(one)) ?? 0;
    const often = (calls.get(keyOf(one)) ?? 0) >= (over.to - over.from) / worthEach;
    return then > 0 && often && one.value > worthSeconds && one.value / then > slower ? [{ one, then }] : [];
  });
  return rows
    .toSorted((a, b) => b.one.value / b.then - a.one.value / a.then)
    .slice(0, most)
    .map(({ one: { labels, value }, then }) => {
      const name = labels.name ?? '';
      const query = `{ ${service} = ${quoted(labels[service])} && name = ${quoted(name)} && duration > ${Math.round(then * 1000)}ms }`;
      return { kind: 'slower', subject: `${labels[service] ?? ''} ${name}`, detail: compared('p95', value, then, (v) => formatValue(v, 's', 2)), place: exploreTraceQL(query, over) };
    });
}

const errorBy = `by (${service}, name, event.exception.type)`;

async function newErrors(span: Span, signal: AbortSignal): Promise<Change[]> {
  const errors = `{ status = error } | count_over_time() ${errorBy}`;
  const [now, then] = await Promise.all([ask(errors, span, signal), ask(errors, { from: span.from - memoryMs, to: span.from }, signal)]);
  return unseenErrors(now, then, span);
}

/** Errors by service, operation and type of exception that were not there before, the most frequent first. */
export function unseenErrors(now: readonly Group[], then: readonly Group[], over: Span): Change[] {
  const known = new Set(then.filter((one) => one.value > 0).map(keyOf));
  return now
    .filter((one) => one.value > 0 && !known.has(keyOf(one)))
    .toSorted((a, b) => b.value - a.value)
    .slice(0, most)
    .map(({ labels, value }) => {
      const type = labels['event.exception.type'] ?? '';
      const query = `{ status = error && ${service} = ${quoted(labels[service])} && name = ${quoted(labels.name)}${type === '' ? '' : ` && event.exception.type = ${quoted(type)}`} }`;
      const what = type === '' ? 'failed calls' : type;
      return { kind: 'errors', subject: labels[service] ?? '', detail: `${formatValue(value, 'short', 3)} × ${what} in ${labels.name ?? ''}`, place: exploreTraceQL(query, over) };
    });
}

const version = 'resource.service.version';
const instances = ['resource.service.instance.id', 'resource.k8s.pod.name', 'resource.container.id', 'resource.process.pid'];

async function resourceChanges(now: Span, before: Span, signal: AbortSignal): Promise<Change[]> {
  const query = `{ kind = server || kind = consumer || nestedSetParent < 0 } | count_over_time() by (${[service, version, ...instances].join(', ')})`;
  const [current, was] = await Promise.all([ask(query, now, signal), ask(query, before, signal)]);
  return [...versionChanges(current, was, now), ...replaced(current, was, now)];
}

/** By service the distinct values that f gives its groups, without "". */
function valuesOf(groups: readonly Group[], f: (group: Group) => string): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  for (const group of groups) {
    const name = group.labels[service] ?? '';
    const value = f(group);
    if (group.value <= 0 || value === '') continue;
    out.set(name, (out.get(name) ?? new Set<string>()).add(value));
  }
  return out;
}

/** Services whose spans tell another version than before. */
export function versionChanges(now: readonly Group[], was: readonly Group[], over: Span): Change[] {
  const before = valuesOf(was, ({ labels }) => labels[version] ?? '');
  return [...valuesOf(now, ({ labels }) => labels[version] ?? '')].flatMap(([name, versions]): Change[] => {
    const known = before.get(name);
    const fresh = [...versions].filter((one) => known !== undefined && !known.has(one));
    if (known === undefined || fresh.length === 0) return [];
    return [{ kind: 'deploy', subject: name, detail: `version ${fresh.join(', ')}, was ${[...known].join(', ')}`, place: exploreTraceQL(`{ ${service} = ${quoted(name)} && ${version} = ${quoted(fresh[0])} }`, over) }];
  });
}

/** Services whose instances went and others came, which a restart looks like. More or fewer instances alone are scaling. */
export function replaced(now: readonly Group[], was: readonly Group[], over: Span): Change[] {
  const identity = ({ labels }: Group): string => {
    const parts = instances.map((one) => labels[one] ?? '');
    return parts.every((one) => one === '') ? '' : parts.join(' ');
  };
  const before = valuesOf(was, identity);
  return [...valuesOf(now, identity)].flatMap(([name, current]): Change[] => {
    const known = before.get(name) ?? new Set<string>();
    const came = [...current].filter((one) => !known.has(one)).length;
    const went = [...known].filter((one) => !current.has(one)).length;
    const count = Math.min(came, went);
    if (count === 0) return [];
    const of = known.size === 1 ? 'restarted' : `${count} of ${known.size} instances restarted`;
    return [{ kind: 'restart', subject: name, detail: `${of} (by its spans)`, place: exploreTraceQL(`{ ${service} = ${quoted(name)} }`, over) }];
  });
}

/** Metrics and spans tell of the same: of a kind and subject the first stays. Errors differ in what they say. */
export function withoutRepeats(changes: readonly Change[]): Change[] {
  const seen = new Set<string>();
  return changes.filter(({ kind, subject, detail }) => {
    const key = `${kind}\n${subject.toLowerCase()}\n${kind === 'errors' || kind === 'pattern' || kind === 'alert' ? detail : ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
