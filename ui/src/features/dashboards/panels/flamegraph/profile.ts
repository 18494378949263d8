import { type DataFrame, type Field, formattedValueToString } from '@grafana/data';
import { fieldNamed } from '@/features/dashboards/panels/fieldNamed';

/** One call in a profile, at its place in the icicle. */
export interface Call {
  index: number;
  level: number;
  label: string;
  /** From the profile's left edge, in the profile's unit; its own width is value. */
  start: number;
  value: number;
  self: number;
  parent: number;
}

export interface Profile {
  /** Depth first: parents before their calls. */
  calls: Call[];
  levels: Call[][];
  total: number;
  format: (value: number) => string;
  /** Whether rows were left out. */
  truncated: boolean;
}

export const mostCalls = 200_000;
const deepest = 2_000;

/** A profile of Grafana's nested set (level, value, self, label: each row follows its parent); undefined when a frame is none. */
export function profileOf(frames: readonly DataFrame[]): Profile | undefined {
  for (const frame of frames) {
    const column = (name: string): Field | undefined => fieldNamed(frame, name);
    const [level, value, self, label] = [column('level'), column('value'), column('self'), column('label')];
    if (level === undefined || value === undefined || label === undefined || frame.length === 0) continue;
    return build(level, value, self, label, frame.length);
  }
  return undefined;
}

function build(levelField: Field, valueField: Field, selfField: Field | undefined, labelField: Field, length: number): Profile {
  const names = labelField.config.type?.enum?.text;
  const calls: Call[] = [];
  const levels: Call[][] = [];
  /** For each level the call that is open, and how much of it its calls have taken. */
  const open: { call: Call; used: number }[] = [];
  let skippedBelow = Infinity;
  const count = Math.min(length, mostCalls);
  for (let row = 0; row < count; row++) {
    const level = Math.floor(number(levelField.values[row]));
    if (level > skippedBelow) continue;
    skippedBelow = Infinity;
    // A level without a parent, or too deep, cannot be placed: neither can what is below.
    if (level < 0 || level > open.length || level > deepest) {
      skippedBelow = Math.max(0, level);
      continue;
    }
    open.length = level;
    const parent = open[level - 1];
    const lastRoot = levels[0]?.at(-1);
    const value = Math.max(0, number(valueField.values[row]));
    const raw: unknown = labelField.values[row];
    const call: Call = {
      index: calls.length,
      level,
      label: typeof raw === 'number' && names !== undefined ? (names[raw] ?? String(raw)) : String((raw as string | null) ?? ''),
      start: parent === undefined ? (lastRoot === undefined ? 0 : lastRoot.start + lastRoot.value) : parent.call.start + parent.used,
      value,
      self: selfField === undefined ? 0 : Math.max(0, number(selfField.values[row])),
      parent: parent?.call.index ?? -1,
    };
    if (parent !== undefined) parent.used += value;
    open.push({ call, used: 0 });
    calls.push(call);
    (levels[level] ??= []).push(call);
  }
  const total = levels[0]?.reduce((sum, one) => sum + one.value, 0) ?? 0;
  const display = valueField.display;
  return { calls, levels, total, format: (amount) => (display === undefined ? amount.toLocaleString('en') : formattedValueToString(display(amount))), truncated: length > count };
}

function number(value: unknown): number {
  const out = Number(value);
  return Number.isFinite(out) ? out : 0;
}

export interface FunctionRow {
  label: string;
  self: number;
  total: number;
}

/** Each function with its own time and with that of what it calls; recursion is counted once. */
export function functionsOf({ calls }: Profile): FunctionRow[] {
  const rows = new Map<string, FunctionRow>();
  const path: Call[] = [];
  const onPath = new Map<string, number>();
  for (const call of calls) {
    while (path.length > call.level) {
      const left = path.pop();
      if (left !== undefined) onPath.set(left.label, (onPath.get(left.label) ?? 1) - 1);
    }
    const row = rows.get(call.label) ?? { label: call.label, self: 0, total: 0 };
    row.self += call.self;
    if ((onPath.get(call.label) ?? 0) === 0) row.total += call.value;
    rows.set(call.label, row);
    path.push(call);
    onPath.set(call.label, (onPath.get(call.label) ?? 0) + 1);
  }
  return [...rows.values()];
}

/** The call at a place of the drawing, where the part of the profile from `start`, `width` wide, is shown. */
export function callAt(profile: Profile, level: number, at: number): Call | undefined {
  const row = profile.levels[level];
  if (row === undefined) return undefined;
  let [low, high] = [0, row.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const call = row[middle];
    if (call === undefined) return undefined;
    if (at < call.start) high = middle - 1;
    else if (at >= call.start + call.value) low = middle + 1;
    else return call;
  }
  return undefined;
}

/** The calls from the root to a call. */
export function ancestry(profile: Profile, call: Call): Call[] {
  const out: Call[] = [];
  for (let at: Call | undefined = call; at !== undefined; at = profile.calls[at.parent]) out.unshift(at);
  return out;
}
