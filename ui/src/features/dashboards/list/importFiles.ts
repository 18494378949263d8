import { parseJson } from '@/lib/jsonError';

/** One dashboard that was found in what the reader gave. */
export interface Candidate {
  /** Of the file, or "pasted text". */
  from: string;
  title: string;
  panels: number;
  /** Undefined when there is nothing to import. */
  dashboard: Record<string, unknown> | undefined;
  /** Why it cannot be imported. What of it would not be shown, the server says. */
  problem?: string;
}

/** Bytes of one file: a dashboard is far smaller, and the server refuses more. */
export const sizeLimit = 8_000_000;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The dashboards in a text: one, Grafana's API envelope, a v2 resource, or our export of several. */
export function candidatesOf(from: string, text: string): Candidate[] {
  if (text.length > sizeLimit) return [failed(from, `Larger than ${sizeLimit / 1_000_000} MB`)];
  const parsed = parseJson(text);
  if ('problem' in parsed) return [failed(from, `Line ${parsed.problem.line}, column ${parsed.problem.column}: ${parsed.problem.message}`)];
  const { value } = parsed;
  const list = isObject(value) && Array.isArray(value.dashboards) ? value.dashboards : Array.isArray(value) ? value : [value];
  if (list.length === 0) return [failed(from, 'There is no dashboard in it')];
  return list.slice(0, 500).map((one) => candidateOf(from, one));
}

function failed(from: string, problem: string): Candidate {
  return { from, title: from, panels: 0, dashboard: undefined, problem };
}

function candidateOf(from: string, value: unknown): Candidate {
  // Grafana's API answers {dashboard, meta}.
  const body = isObject(value) && isObject(value.dashboard) && value.panels === undefined ? value.dashboard : value;
  if (!isObject(body)) return failed(from, 'This is not a dashboard');
  const spec = isObject(body.spec) ? body.spec : undefined;
  if (spec !== undefined) {
    const elements = isObject(spec.elements) ? Object.values(spec.elements) : [];
    const title = typeof spec.title === 'string' ? spec.title : from;
    if (elements.length === 0 && !Array.isArray(spec.panels)) return failed(from, 'This resource holds no dashboard');
    return { from, title, panels: elements.length, dashboard: body };
  }
  const panels = panelsOf(body);
  if (typeof body.title !== 'string' && panels.length === 0) return failed(from, 'This JSON is no dashboard: it has no title and no panels');
  return { from, title: typeof body.title === 'string' && body.title !== '' ? body.title : from, panels: panels.length, dashboard: body };
}

function panelsOf(body: Record<string, unknown>): Record<string, unknown>[] {
  const rows = Array.isArray(body.rows) ? body.rows.filter(isObject) : [];
  const top = Array.isArray(body.panels) ? body.panels.filter(isObject) : [];
  return [...rows, ...top].flatMap((panel) => [...(panel.type === 'row' || panel.type === undefined ? [] : [panel]), ...(Array.isArray(panel.panels) ? panel.panels.filter(isObject) : [])]);
}
