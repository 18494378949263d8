import { useEffect } from 'react';
import { ErrorState } from '@/components/ErrorState';
import { useReady } from '@/components/useServerAway';

/** A page that failed while it was drawn, or whose code could not be loaded: after an upgrade, or for want of a server. */
export function PageError({ error }: { error: unknown }) {
  const unloaded = error instanceof Error && /dynamically imported module|importing a module|unable to preload/i.test(error.message);
  return unloaded ? <Unloaded /> : <ErrorState title="This page failed" error={error} onRetry={reload} />;
}

function Unloaded() {
  const ready = useReady(true);
  const wasAway = ready.errorUpdateCount > 0;
  const back = wasAway && ready.isSuccess;
  useEffect(() => {
    if (back) reload();
  }, [back]);
  if (ready.isPending) return null;
  if (wasAway) return <ErrorState title="Pharos does not answer" error={new Error('This page loads by itself once the server is back.')} onRetry={reload} />;
  return <ErrorState title="Pharos was upgraded" error={new Error('Load the page again to get the new version.')} onRetry={reload} />;
}

function reload(): void {
  window.location.reload();
}
