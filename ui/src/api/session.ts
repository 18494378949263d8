import { ApiError, fetchJson } from '@/api/http';

export type Role = 'viewer' | 'editor' | 'admin';

export interface User {
  name: string;
  role: Role;
  tenant: string;
}

/** Who is signed in; authMode 'off' means that the server asks nobody. */
export interface Session {
  user: User;
  authMode: string;
}

const path = '/api/pharos/v1/session';

/** The current session, or null when nobody is signed in. */
export async function getSession(signal?: AbortSignal): Promise<Session | null> {
  try {
    return await fetchJson<Session>(path, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export function signIn(username: string, password: string): Promise<Session> {
  return fetchJson<Session>(path, { method: 'POST', body: { username, password } });
}

export async function signOut(): Promise<void> {
  await fetchJson<unknown>(path, { method: 'DELETE' });
}

/** Changes the signed-in user's password; every other session of the user ends. */
export async function changePassword(current: string, next: string): Promise<void> {
  await fetchJson<unknown>('/api/pharos/v1/password', { method: 'POST', body: { current, new: next } });
}
