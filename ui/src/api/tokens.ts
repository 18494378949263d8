import { fetchJson } from '@/api/http';
import type { Role } from '@/api/session';

export interface Token {
  id: string;
  name: string;
  role: Role;
  access: 'read' | 'write' | 'readwrite';
  createdAt?: string;
  expiresAt?: string;
  lastUsedAt?: string;
}

const path = '/api/pharos/v1/tokens';

export async function listTokens(signal?: AbortSignal): Promise<Token[]> {
  return (await fetchJson<{ tokens: Token[] | null }>(path, { signal })).tokens ?? [];
}

export function createToken(token: Pick<Token, 'name' | 'role' | 'access'>): Promise<{ token: Token; secret: string }> {
  return fetchJson(path, { method: 'POST', body: token });
}

export async function revokeToken(id: string): Promise<void> {
  await fetchJson<unknown>(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
