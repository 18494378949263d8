import { without } from '@/lib/objects';

/** A JSON object under construction. */
export type Json = Record<string, unknown>;

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at "a.b.c"; undefined when there is none. */
export function getPath(root: unknown, path: string): unknown {
  let at: unknown = root;
  for (const key of path.split('.')) {
    if (!isObject(at) || forbidden.has(key)) return undefined;
    at = at[key];
  }
  return at;
}

/** The object with another value at "a.b.c"; undefined removes the key. What is not on the way stays the same. */
export function withPath<T extends object>(root: T, path: string, value: unknown): T {
  const [key = '', ...rest] = path.split('.');
  if (forbidden.has(key)) return root;
  const from = root as Json;
  if (rest.length > 0) {
    const inner = from[key];
    return { ...root, [key]: withPath(isObject(inner) ? inner : {}, rest.join('.'), value) };
  }
  if (value === undefined) {
    return without(from, key) as T;
  }
  return { ...root, [key]: value };
}
