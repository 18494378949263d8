import { fetchJson } from '@/api/http';
import type { Role } from '@/api/session';

export interface ListedUser {
  name: string;
  role: Role;
  tenant: string;
  /** RFC 3339. */
  createdAt: string;
}

const path = '/api/pharos/v1/users';

function one(name: string): string {
  return `${path}/${encodeURIComponent(name)}`;
}

export async function listUsers(signal?: AbortSignal): Promise<ListedUser[]> {
  return (await fetchJson<{ users: ListedUser[] | null }>(path, { signal })).users ?? [];
}

export function createUser(user: { name: string; password: string; role: Role }): Promise<ListedUser> {
  return fetchJson(path, { method: 'POST', body: user });
}

export async function changeRole(name: string, role: Role): Promise<void> {
  await fetchJson<unknown>(one(name), { method: 'PATCH', body: { role } });
}

export async function deleteUser(name: string): Promise<void> {
  await fetchJson<unknown>(one(name), { method: 'DELETE' });
}
