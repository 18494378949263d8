/** What of a Jaeger trace the layout needs; see api/jaeger.ts. */
export interface RawSpan {
  spanID: string;
  operationName: string;
  references: readonly { refType: string; traceID: string; spanID: string }[] | null;
  /** Microseconds since the epoch. */
  startTime: number;
  /** Microseconds. */
  duration: number;
  tags: readonly { key: string; value: unknown }[] | null;
  processID: string;
}

export interface RawTrace<S extends RawSpan> {
  traceID: string;
  spans: readonly S[];
  processes: Readonly<Record<string, { serviceName: string }>>;
}

/** A span at its place in the trace. */
export interface TraceSpan<S extends RawSpan = RawSpan> {
  raw: S;
  id: string;
  service: string;
  operation: string;
  /** Microseconds since the trace's start. */
  start: number;
  duration: number;
  depth: number;
  parent: TraceSpan<S> | undefined;
  /** By start time. */
  children: TraceSpan<S>[];
  /** All spans below. */
  descendants: number;
  error: boolean;
  /** An error here or below. */
  errorBelow: boolean;
  /** Microseconds in which no child was running. */
  self: number;
  /** When the last span here or below ended, as start: work may outlive the span that asked for it. */
  endBelow: number;
  /** On the chain of spans that made the trace take as long as it did. */
  critical: boolean;
  /** Its parent is named but not in the trace. */
  orphan: boolean;
}

export interface TraceLayout<S extends RawSpan = RawSpan> {
  id: string;
  /** Microseconds since the epoch. */
  startTime: number;
  /** Microseconds from the first start to the last end. */
  duration: number;
  /** Depth first: parents before children. */
  spans: TraceSpan<S>[];
  roots: TraceSpan<S>[];
  services: { name: string; spans: number; errors: number }[];
  errors: number;
  depth: number;
}

/** Starts and durations are rounded to microseconds each. */
const clockSlackUs = 1;

export function isErrorSpan(span: Pick<RawSpan, 'tags'>): boolean {
  return (span.tags ?? []).some(
    ({ key, value }) => (key === 'error' && (value === true || value === 'true')) || (key === 'otel.status_code' && value === 'ERROR'),
  );
}

/** The parent that a span names in its own trace: the first CHILD_OF, or else the first reference. */
function parentId(span: RawSpan, traceId: string): string | undefined {
  const own = (span.references ?? []).filter((reference) => reference.traceID === traceId || reference.traceID === '');
  return (own.find((reference) => reference.refType === 'CHILD_OF') ?? own[0])?.spanID;
}

/** Puts a trace's spans in order. Tolerates duplicates, missing parents and cycles, which real traces have. */
export function layoutTrace<S extends RawSpan>(trace: RawTrace<S>): TraceLayout<S> {
  const startTime = trace.spans.reduce((min, span) => Math.min(min, span.startTime), Infinity);
  const end = trace.spans.reduce((max, span) => Math.max(max, span.startTime + span.duration), -Infinity);
  const byId = new Map<string, TraceSpan<S>>();
  for (const raw of trace.spans) {
    if (byId.has(raw.spanID)) continue;
    byId.set(raw.spanID, makeSpan(raw, trace, startTime));
  }
  const roots = link(byId, trace.traceID);
  const spans = walk(roots, byId);
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i] as TraceSpan<S>;
    span.self = selfTime(span);
    span.endBelow = Math.max(span.endBelow, span.start + span.duration);
    if (span.parent === undefined) continue;
    span.parent.descendants += span.descendants + 1;
    span.parent.errorBelow ||= span.errorBelow;
    span.parent.endBelow = Math.max(span.parent.endBelow, span.endBelow);
  }
  const longest = roots.reduce<TraceSpan<S> | undefined>((best, root) => (best === undefined || root.endBelow - root.start > best.endBelow - best.start ? root : best), undefined);
  if (longest) markCritical(longest);
  return {
    id: trace.traceID,
    startTime: trace.spans.length === 0 ? 0 : startTime,
    duration: trace.spans.length === 0 ? 0 : end - startTime,
    spans,
    roots,
    services: countServices(spans),
    errors: spans.filter((span) => span.error).length,
    depth: spans.reduce((max, span) => Math.max(max, span.depth + 1), 0),
  };
}

function makeSpan<S extends RawSpan>(raw: S, trace: RawTrace<S>, startTime: number): TraceSpan<S> {
  const error = isErrorSpan(raw);
  return {
    raw,
    id: raw.spanID,
    service: trace.processes[raw.processID]?.serviceName ?? 'unknown',
    operation: raw.operationName,
    start: raw.startTime - startTime,
    duration: raw.duration,
    depth: 0,
    parent: undefined,
    children: [],
    descendants: 0,
    error,
    errorBelow: error,
    self: 0,
    endBelow: 0,
    critical: false,
    orphan: false,
  };
}

function link<S extends RawSpan>(byId: ReadonlyMap<string, TraceSpan<S>>, traceId: string): TraceSpan<S>[] {
  const roots: TraceSpan<S>[] = [];
  for (const span of byId.values()) {
    const id = parentId(span.raw, traceId);
    const parent = id === undefined ? undefined : byId.get(id);
    if (parent === undefined || parent === span) {
      span.orphan = id !== undefined && parent === undefined;
      roots.push(span);
      continue;
    }
    span.parent = parent;
    parent.children.push(span);
  }
  return roots.sort((a, b) => a.start - b.start);
}

/**
 * All spans depth first. Spans that name each other as parents hang below no
 * root: the first of each such circle becomes one and is added to roots.
 */
function walk<S extends RawSpan>(roots: TraceSpan<S>[], byId: ReadonlyMap<string, TraceSpan<S>>): TraceSpan<S>[] {
  for (const span of byId.values()) span.children.sort((a, b) => a.start - b.start || b.duration - a.duration);
  const order: TraceSpan<S>[] = [];
  const seen = new Set<TraceSpan<S>>();
  for (const root of roots) descend(root, order, seen);
  for (const span of byId.values()) {
    if (seen.has(span)) continue;
    const { parent } = span;
    if (parent !== undefined) parent.children = parent.children.filter((child) => child !== span);
    span.parent = undefined;
    span.orphan = true;
    roots.push(span);
    descend(span, order, seen);
  }
  return order;
}

/** Without recursion: a trace may be thousands of spans deep. */
function descend<S extends RawSpan>(root: TraceSpan<S>, order: TraceSpan<S>[], seen: Set<TraceSpan<S>>): void {
  const pending = [root];
  for (let span = pending.pop(); span !== undefined; span = pending.pop()) {
    seen.add(span);
    span.depth = span.parent === undefined ? 0 : span.parent.depth + 1;
    order.push(span);
    for (let i = span.children.length - 1; i >= 0; i--) pending.push(span.children[i] as TraceSpan<S>);
  }
}

/** The span's duration without the union of its children's. */
function selfTime<S extends RawSpan>(span: TraceSpan<S>): number {
  const spanEnd = span.start + span.duration;
  let covered = 0;
  let at = span.start;
  for (const child of span.children) {
    const from = Math.max(child.start, at);
    const to = Math.min(child.start + child.duration, spanEnd);
    if (to <= from) continue;
    covered += to - from;
    at = to;
  }
  return span.duration - covered;
}

/** Walks back from the end: of the children that were done by then, the last to finish held the trace up. */
function markCritical<S extends RawSpan>(root: TraceSpan<S>): void {
  const pending = [{ span: root, until: root.endBelow }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    item.span.critical = true;
    let until = item.until;
    for (const child of item.span.children.toSorted((a, b) => b.endBelow - a.endBelow)) {
      if (child.duration === 0 || child.endBelow > until + clockSlackUs || child.start >= until) continue;
      pending.push({ span: child, until: child.endBelow });
      until = child.start;
    }
  }
}

function countServices<S extends RawSpan>(spans: readonly TraceSpan<S>[]): TraceLayout['services'] {
  const counts = new Map<string, { name: string; spans: number; errors: number }>();
  for (const span of spans) {
    const count = counts.get(span.service) ?? { name: span.service, spans: 0, errors: 0 };
    count.spans++;
    if (span.error) count.errors++;
    counts.set(span.service, count);
  }
  return [...counts.values()].sort((a, b) => b.spans - a.spans);
}

/** The spans to draw when those in collapsed hide what is below them. */
export function visibleSpans<S extends RawSpan>(layout: TraceLayout<S>, collapsed: ReadonlySet<string>): TraceSpan<S>[] {
  const shown: TraceSpan<S>[] = [];
  let hiddenBelow: number | undefined;
  for (const span of layout.spans) {
    if (hiddenBelow !== undefined && span.depth > hiddenBelow) continue;
    hiddenBelow = collapsed.has(span.id) ? span.depth : undefined;
    shown.push(span);
  }
  return shown;
}

/** Round moments for a scale of a duration in microseconds: about count of them, the last below the end. */
export function ticks(duration: number, count: number): number[] {
  if (duration <= 0) return [0];
  const raw = duration / Math.max(count, 1);
  const magnitude = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((candidate) => candidate >= raw) ?? raw;
  const list: number[] = [];
  for (let at = 0; at < duration * 0.98; at += step) list.push(at);
  return list;
}

/** An axis of durations: where on it (0 to 1) a duration stands, and its marks, both in microseconds. */
export interface DurationScale {
  place: (us: number) => number;
  ticks: number[];
}

/** Durations that differ more than this are spread by powers of ten, or the short ones would all lie on the axis. */
const linearRatio = 50;

export function durationScale(durations: readonly number[]): DurationScale {
  const longest = Math.max(1, ...durations);
  const shortest = Math.max(1, Math.min(longest, ...durations));
  if (longest / shortest <= linearRatio) {
    const top = longest * 1.05;
    return { place: (us) => us / top, ticks: ticks(top, 4) };
  }
  const low = Math.floor(Math.log10(shortest));
  const high = Math.ceil(Math.log10(longest * 1.05));
  const marks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { place: (us) => (Math.log10(Math.max(us, 10 ** low)) - low) / (high - low), ticks: marks };
}
