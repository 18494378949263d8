import { fetchText } from '@/api/http';

/** Resolves when the server answers and says that it is ready. */
export async function serverReady(signal?: AbortSignal): Promise<true> {
  await fetchText('/-/ready', signal);
  return true;
}
