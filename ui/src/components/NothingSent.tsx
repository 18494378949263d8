import { useQuery } from '@tanstack/react-query';
import { getOverview } from '@/api/overview';
import { LinkButton } from '@/components/LinkButton';

const names: Record<'samples' | 'log_lines' | 'spans', string> = { samples: 'No metric', log_lines: 'No log line', spans: 'No span' };

/** Beside an empty answer: when nothing of the signal came since the server's start, the way to send some. */
export function NothingSent({ signal }: { signal: keyof typeof names }) {
  const query = useQuery({ queryKey: ['overview'], queryFn: ({ signal: abort }) => getOverview(abort), staleTime: 10_000 });
  const rate = query.data?.signals.find((one) => one.name === signal);
  if (rate === undefined || rate.total > 0) return null;
  return (
    <LinkButton variant="default" place={{ to: '/connect', search: {} }}>
      {`${names[signal]} since the server started: get data in`}
    </LinkButton>
  );
}
