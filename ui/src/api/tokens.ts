import { fetchJson } from '@/api/http';
import type { Role } from '@/api/session';

/** An API token; times are RFC 3339, null stands for never. */
export interface Token {
  id: string;
  name: string;
  tenant: string;
  role: Role;
  read: boolean;
  write: boolean;
  /** What the token is narrowed to, such as {project="x"}. */
  selector?: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string | null;
  /** A few minutes coarse. */
  usedAt: string | null;
}

export interface NewToken {
  name: string;
  role: Role;
  read: boolean;
  write: boolean;
  selector?: string;
  expiresAt?: string;
}

/** The answer to a creation is the only one that holds the secret. */
export interface CreatedToken extends Token {
  secret: string;
}

const path = '/api/pharos/v1/tokens';

export async function listTokens(signal?: AbortSignal): Promise<Token[]> {
  return (await fetchJson<{ tokens: Token[] | null }>(path, { signal })).tokens ?? [];
}

export function createToken(token: NewToken): Promise<CreatedToken> {
  return fetchJson(path, { method: 'POST', body: token });
}

export async function revokeToken(id: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
