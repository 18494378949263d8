/** Why a request did not give an answer. */
export type FailureKind = 'http' | 'network' | 'timeout' | 'aborted' | 'malformed';

/** Any failed request, in one shape whatever the dialect's own is. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly kind: FailureKind,
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Appended to the path; undefined values are left out, lists repeat the key. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** Sent as JSON; URLSearchParams are sent as a form. */
  body?: unknown;
  /** Sent as it is, with the content type that headers give; in place of body. */
  rawBody?: string;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface Answer<T> {
  data: T;
  headers: Headers;
  /** From the request's start to the parsed body, in milliseconds. */
  tookMs: number;
}

const defaultTimeoutMs = 60_000;

export function buildPath(path: string, query: RequestOptions['query']): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const one of value) params.append(key, String(one));
    else params.append(key, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

let through: (path: string) => string = (path) => path;
let routed = false;

/**
 * Sends every request to another path from now on: a public dashboard's queries
 * go through its link's door. Called with undefined, paths are as they are again.
 */
export function routeRequests(rewrite: ((path: string) => string) | undefined): void {
  routed = rewrite !== undefined;
  through = rewrite ?? ((path) => path);
}

/** Whether requests go through a public link's door, which answers the dashboard's own queries only. */
export function isRouted(): boolean {
  return routed;
}

/** Sends one request to our own origin. Throws ApiError and nothing else. */
export async function send<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  return sendAs(path, options, parseBody<T>);
}

/** The body of a successful answer as text. */
export async function fetchText(path: string, signal?: AbortSignal): Promise<string> {
  return (await sendAs(path, { signal, headers: { Accept: 'text/plain, */*' } }, (_, text) => text)).data;
}

/** Posts JSON where the answer is a text. */
export async function postText(path: string, body: unknown, signal?: AbortSignal): Promise<string> {
  return (await sendAs(path, { method: 'POST', body, signal, headers: { Accept: 'text/plain, */*' } }, (_, text) => text)).data;
}

async function sendAs<T>(path: string, options: RequestOptions, parse: (status: number, text: string) => T): Promise<Answer<T>> {
  const started = performance.now();
  const timeout = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const form = options.body instanceof URLSearchParams;
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  if (options.body !== undefined && !form) headers['Content-Type'] = 'application/json';

  let response: Response;
  let text: string;
  try {
    response = await fetch(buildPath(through(path), options.query), {
      method: options.method ?? 'GET',
      headers,
      credentials: 'same-origin',
      signal,
      body: options.rawBody !== undefined ? options.rawBody : options.body === undefined ? null : form ? (options.body as URLSearchParams) : JSON.stringify(options.body),
    });
    text = await response.text();
  } catch (cause) {
    throw transportError(cause, timeout.aborted, options.timeoutMs ?? defaultTimeoutMs);
  }
  if (!response.ok) throw errorFromBody(response.status, response.statusText, text);
  return { data: parse(response.status, text), headers: response.headers, tookMs: performance.now() - started };
}

function transportError(cause: unknown, timedOut: boolean, timeoutMs: number): ApiError {
  if (timedOut) {
    return new ApiError('timeout', 0, 'timeout', `No answer within ${Math.round(timeoutMs / 1000)} s`, 'Ask for a shorter time range or a narrower query.');
  }
  if (cause instanceof DOMException && cause.name === 'AbortError') {
    return new ApiError('aborted', 0, 'aborted', 'The request was cancelled');
  }
  return new ApiError('network', 0, 'unreachable', 'Pharos cannot be reached', 'Check that the server is running; this page tries again by itself.');
}

function parseBody<T>(status: number, text: string): T {
  if (text === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError('malformed', status, 'malformed_answer', 'The answer is not JSON', text.slice(0, 200));
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function str(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The error in a body of any dialect: ours {error: {code, message, hint}},
 * Prometheus' {errorType, error}, Loki's plain text or {message}, Jaeger's
 * {errors: [{code, msg}]}, Alertmanager's JSON string or {code, message}.
 */
export function errorFromBody(status: number, statusText: string, text: string): ApiError {
  const fallback = text.trim() === '' || text.trimStart().startsWith('<') ? statusText || `HTTP ${status}` : text.trim().slice(0, 2000);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return new ApiError('http', status, `http_${status}`, fallback);
  }
  if (typeof body === 'string') return new ApiError('http', status, `http_${status}`, body);
  const top = record(body);
  const ours = record(top?.error);
  if (ours) {
    return new ApiError('http', status, str(ours.code) ?? `http_${status}`, str(ours.message) ?? fallback, str(ours.hint));
  }
  const jaeger = Array.isArray(top?.errors) ? record(top.errors[0]) : undefined;
  const message = str(top?.error) ?? str(jaeger?.msg) ?? str(top?.message) ?? fallback;
  return new ApiError('http', status, str(top?.errorType) ?? `http_${status}`, message);
}

/** The JSON body of a successful answer. */
export async function fetchJson<T>(path: string, options?: RequestOptions): Promise<T> {
  return (await send<T>(path, options)).data;
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
