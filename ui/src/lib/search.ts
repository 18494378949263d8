/** Search parameters as the router hands them over: flat strings, repeated keys as lists. */
export type RawSearch = Record<string, string | string[] | undefined>;

/** How one search parameter is read and written. format(fallback) is undefined: defaults stay out of the URL. */
export interface Codec<T> {
  parse(raw: string | string[] | undefined): T;
  format(value: T): string | string[] | undefined;
}

function first(raw: string | string[] | undefined): string | undefined {
  return Array.isArray(raw) ? raw[0] : raw;
}

export function stringParam(fallback = ''): Codec<string> {
  return {
    parse: (raw) => first(raw) ?? fallback,
    format: (value) => (value === fallback ? undefined : value),
  };
}

export function numberParam(fallback: number, min = -Infinity, max = Infinity): Codec<number> {
  return {
    parse: (raw) => {
      const text = first(raw);
      const value = text === undefined || text === '' ? Number.NaN : Number(text);
      return Number.isFinite(value) && value >= min && value <= max ? value : fallback;
    },
    format: (value) => (value === fallback ? undefined : String(value)),
  };
}

export function boolParam(fallback = false): Codec<boolean> {
  return {
    parse: (raw) => {
      const text = first(raw);
      return text === '1' ? true : text === '0' ? false : fallback;
    },
    format: (value) => (value === fallback ? undefined : value ? '1' : '0'),
  };
}

export function enumParam<const T extends string>(values: readonly T[], fallback: NoInfer<T>): Codec<T> {
  return {
    parse: (raw) => values.find((value) => value === first(raw)) ?? fallback,
    format: (value) => (value === fallback ? undefined : value),
  };
}

/** A list of strings as a repeated key; an absent key is the empty list. */
export function listParam(): Codec<string[]> {
  return {
    parse: (raw) => (raw === undefined ? [] : Array.isArray(raw) ? raw : [raw]),
    format: (value) => (value.length === 0 ? undefined : value),
  };
}

export type SearchShape = Record<string, Codec<unknown>>;
export type SearchState<S> = { [K in keyof S]: S[K] extends Codec<infer T> ? T : never };

export interface SearchDefinition<S extends SearchShape> {
  parse(raw: RawSearch): SearchState<S>;
  /** The parameters of state; undefined for those at their default, so that merging removes them. */
  format(state: Partial<SearchState<S>>): RawSearch;
}

/** A view's search parameters: parse and format are each other's inverse. */
export function defineSearch<S extends SearchShape>(shape: S): SearchDefinition<S> {
  const codecs: SearchShape = shape;
  return {
    parse(raw) {
      const state: Record<string, unknown> = {};
      for (const [key, codec] of Object.entries(codecs)) state[key] = codec.parse(raw[key]);
      return state as SearchState<S>;
    },
    format(state) {
      const raw: RawSearch = {};
      for (const [key, value] of Object.entries(state)) {
        const codec = codecs[key];
        if (codec !== undefined) raw[key] = codec.format(value);
      }
      return raw;
    },
  };
}

/** The router's parser: "?a=1&b=x&b=y" -> {a: "1", b: ["x", "y"]}. */
export function parseSearch(text: string): RawSearch {
  const raw: RawSearch = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = raw[key];
    if (before === undefined) raw[key] = value;
    else raw[key] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return raw;
}

/** parseSearch's inverse; undefined values are left out. */
export function stringifySearch(raw: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
