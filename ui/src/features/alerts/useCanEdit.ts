import { useSession } from '@/components/useSession';

/** Whether the reader may change silences: an editor or an administrator. */
export function useCanEdit(): boolean {
  const role = useSession().data?.user.role;
  return role === 'editor' || role === 'admin';
}
