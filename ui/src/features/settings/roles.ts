import type { Role } from '@/api/session';

export const roles: Role[] = ['viewer', 'editor', 'admin'];
