import { ErrorState } from '@/components/ErrorState';

/** A page that failed while it was drawn, or whose code could not be loaded after an upgrade. */
export function PageError({ error }: { error: unknown }) {
  const stale = error instanceof TypeError && /dynamically imported module|Importing a module/i.test(error.message);
  return (
    <ErrorState
      title={stale ? 'Pharos was upgraded' : 'This page failed'}
      error={stale ? new Error('Load the page again to get the new version.') : error}
      onRetry={() => window.location.reload()}
    />
  );
}
