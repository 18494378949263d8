import { useEffect, useState } from 'react';
import { formatDateTime } from '@/lib/timeRange';

/** How long ago something was: "12 s", "4 min", "3 h"; the moment itself on hover. */
export function Age({ at }: { at: string | number }) {
  const time = typeof at === 'number' ? at : Date.parse(at);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (Number.isNaN(time) || time <= 0) return <span className="faint">never</span>;
  return (
    <time className="num" dateTime={new Date(time).toISOString()} title={formatDateTime(time)}>
      {describeAge(now - time)}
    </time>
  );
}

export function describeAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
