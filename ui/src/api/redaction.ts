import { fetchJson } from '@/api/http';

export type RedactionType = 'email' | 'card' | 'token' | 'expression';
export type RedactionAction = 'mask' | 'hash';

/** One kind of thing that is taken out of logs and spans. */
export interface RedactionRule {
  type: RedactionType;
  /** In the mask and in metrics; without one it is the type. */
  name?: string;
  /** RE2, of the type expression alone. */
  expression?: string;
  /** Without one it is mask. */
  action?: RedactionAction;
}

/** The rules in force for the tenant, and the stream labels that they look at too. */
export interface Redaction {
  rules: RedactionRule[];
  labels: string[];
}

export interface RedactionPreview {
  /** The lines as they would be stored; hashes are the preview's own. */
  lines: string[];
  rules: { name: string; found: number }[];
}

const path = '/api/pharos/v1/redaction';

export function getRedaction(signal?: AbortSignal): Promise<Redaction> {
  return fetchJson(path, { signal });
}

/** What rules would do to lines; nothing is stored. */
export function previewRedaction(rules: RedactionRule[], lines: string[], signal?: AbortSignal): Promise<RedactionPreview> {
  return fetchJson(`${path}/preview`, { method: 'POST', body: { rules, lines }, signal });
}
