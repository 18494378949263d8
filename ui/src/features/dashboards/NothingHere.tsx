import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import type { DataFrame } from '@grafana/data';
import { IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { PlaceLink } from '@/components/LinkButton';
import classes from './DashboardPage.module.css';

interface NothingHereProps {
  /** The dashboard's own: most say what they read. */
  description: string | undefined;
  /** Whether the panels have what they asked for. */
  settled: boolean;
}

const fewest = 3;
const share = 0.8;

/** Above a dashboard whose panels are nearly all empty: what it reads, and how to send that. Nothing otherwise. */
export function NothingHere({ description, settled }: NothingHereProps) {
  const client = useQueryClient();
  const [seen, setSeen] = useState({ asked: 0, empty: 0 });
  useEffect(() => {
    // While a refresh is under way, what was said stays.
    if (settled) setSeen(count(client));
  }, [settled, client]);
  if (seen.asked < fewest || seen.empty < seen.asked * share) return null;
  return (
    <p className={classes.nothing} role="status">
      <IconInfoCircle size={15} aria-hidden />
      <span>
        {seen.empty === seen.asked ? 'Nothing' : 'Next to nothing'} that this dashboard asks for came in during this time range.{description === undefined || description === '' ? '' : ` ${description}`} <PlaceLink place={{ to: '/connect', search: {} }}>Get data in</PlaceLink>
      </span>
    </p>
  );
}

/** How many panels on the screen have an answer, and how many of those have nothing in it. */
function count(client: QueryClient): { asked: number; empty: number } {
  const answers = client.getQueryCache().findAll({ queryKey: ['panel'], type: 'active' }).flatMap(({ state }) => (state.status === 'success' ? [state.data as { frames: DataFrame[] }] : []));
  return { asked: answers.length, empty: answers.filter(({ frames }) => frames.every((frame) => frame.length === 0)).length };
}
