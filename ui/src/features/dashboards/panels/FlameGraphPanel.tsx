import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { FlameCanvas } from '@/features/dashboards/panels/flamegraph/FlameCanvas';
import { FunctionTable } from '@/features/dashboards/panels/flamegraph/FunctionTable';
import { ancestry, type Call, mostCalls, profileOf } from '@/features/dashboards/panels/flamegraph/profile';
import type { PanelProps } from '@/features/dashboards/panels/types';
import classes from './flamegraph/flamegraph.module.css';

type Shown = 'both' | 'flames' | 'table';
const bar = 34;
const roomForBoth = 620;

/** A profile: where the time went, as an icicle and as a table of functions. */
export default function FlameGraphPanel({ frames, width, height }: PanelProps) {
  const profile = useMemo(() => profileOf(frames), [frames]);
  const wide = width >= roomForBoth;
  const [stated, setShown] = useState<Shown>();
  const [search, setSearch] = useState('');
  const [zoom, setZoom] = useState<{ profile: unknown; call: Call }>();
  if (profile === undefined || profile.calls.length === 0) return <EmptyState title="No profile">A flame graph needs a frame with the columns level, value, self and label.</EmptyState>;
  const shown = stated === undefined ? (wide ? 'both' : 'flames') : !wide && stated === 'both' ? 'flames' : stated;
  // A refreshed profile has other calls: what was zoomed into is gone.
  const zoomed = zoom?.profile === profile ? zoom.call : undefined;
  const room = height - bar - (zoomed === undefined ? 0 : 24);
  const flameWidth = shown === 'both' ? Math.floor(width * 0.58) : width;
  const setZoomed = (call: Call | undefined): void => setZoom(call === undefined ? undefined : { profile, call });
  return (
    <div className={classes.panel}>
      <div className={classes.bar}>
        <TextInput className={classes.search} leftSection={<IconSearch size={13} />} placeholder="Search functions" aria-label="Search functions" value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
        <SegmentedControl value={shown} onChange={(next) => setShown(next as Shown)} data={[{ value: 'table', label: 'Table' }, { value: 'flames', label: 'Flames' }, ...(wide ? [{ value: 'both', label: 'Both' }] : [])]} />
        {profile.truncated && <span className="dim">The first {mostCalls.toLocaleString('en')} calls</span>}
      </div>
      {zoomed !== undefined && (
        <nav className={classes.path} aria-label="Zoomed into">
          <Button variant="subtle" size="compact-xs" onClick={() => setZoomed(undefined)}>
            All
          </Button>
          {ancestry(profile, zoomed)
            .slice(1)
            .slice(-6)
            .map((call) => (
              <button key={call.index} type="button" onClick={() => setZoomed(call)} aria-current={call === zoomed}>
                {call.label}
              </button>
            ))}
        </nav>
      )}
      <div className={classes.body} style={{ height: room }}>
        {shown !== 'flames' && <FunctionTable profile={profile} search={search} onPick={setSearch} />}
        {shown !== 'table' && <FlameCanvas profile={profile} width={flameWidth} height={room} search={search} zoomed={zoomed} onZoom={setZoomed} />}
      </div>
    </div>
  );
}
