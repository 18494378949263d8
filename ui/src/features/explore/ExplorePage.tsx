import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconColumns2, IconHistory, IconLink, IconX } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { Page } from '@/components/Page';
import { useTimeRange } from '@/components/useTimeRange';
import type { RawSearch } from '@/lib/search';
import { prefixed, rightPane } from '@/lib/searchScope';
import { useSearchState } from '@/lib/useSearchState';
import classes from './ExplorePage.module.css';
import { splitSearch } from './exploreSearch';
import { Pane, SignalTabs } from './Pane';
import { RightPane } from './RightPane';

const HistoryDrawer = lazy(async () => ({ default: (await import('./history/HistoryDrawer')).HistoryDrawer }));

const timeNames = ['from', 'to', 'refresh'];

/** Ad-hoc questions to the three signals, in one pane or in two. */
export function ExplorePage() {
  const [{ split, unlinked }] = useSearchState(splitSearch);
  const raw: RawSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const [history, setHistory] = useState(false);
  const change = (next: (before: RawSearch) => RawSearch) => void navigate({ to: '.', search: next as never });
  const toggle = () => change((before) => (before.split === '1' ? leftOnly(before) : { ...before, split: '1', ...prefixed(withoutTime(before), rightPane) }));
  return (
    <Page
      title="Explore"
      timeRange
      fill
      middle={<SignalTabs />}
      actions={
        <>
          <ShareLink />
          <Tooltip label="History and saved searches">
            <ActionIcon variant="default" size={30} aria-label="History" onClick={() => setHistory(true)}>
              <IconHistory size={15} />
            </ActionIcon>
          </Tooltip>
          <Button className={split ? undefined : classes.split} variant="default" size="xs" leftSection={split ? <IconX size={14} /> : <IconColumns2 size={14} />} onClick={toggle}>
            {split ? 'One pane' : 'Split'}
          </Button>
        </>
      }
    >
      {split ? (
        <div className={classes.panes}>
          <section className={classes.pane} aria-label="Left pane">
            <Pane />
          </section>
          <section className={classes.pane} aria-label="Right pane">
            <RightPane unlinked={unlinked} onUnlink={(own) => change((before) => (own ? { ...before, unlinked: '1', ...prefixed(onlyTime(before), rightPane) } : linked(before)))} onClose={() => change(leftOnly)} />
          </section>
        </div>
      ) : (
        <Pane />
      )}
      {history && (
        <Suspense fallback={null}>
          <HistoryDrawer opened onClose={() => setHistory(false)} current={raw} />
        </Suspense>
      )}
    </Page>
  );
}

function leftOnly(before: RawSearch): RawSearch {
  return Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith(rightPane) && name !== 'split' && name !== 'unlinked'));
}

function onlyTime(before: RawSearch): RawSearch {
  return Object.fromEntries(timeNames.map((name) => [name, before[name]]));
}

function withoutTime(before: RawSearch): RawSearch {
  return Object.fromEntries(Object.entries(leftOnly(before)).filter(([name]) => !timeNames.includes(name)));
}

function linked(before: RawSearch): RawSearch {
  return { ...Object.fromEntries(Object.entries(before).filter(([name]) => !timeNames.some((time) => name === rightPane + time))), unlinked: undefined };
}

/** Copies the address of all that is shown, with the moments in place of "now". */
function ShareLink() {
  const { resolved } = useTimeRange();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    const url = new URL(window.location.href);
    url.searchParams.set('from', String(Math.floor(resolved.from)));
    url.searchParams.set('to', String(Math.ceil(resolved.to)));
    url.searchParams.delete('refresh');
    try {
      await navigator.clipboard.writeText(url.toString());
    } catch {
      // Without https the clipboard is closed: the address bar has the link then.
      window.history.replaceState(window.history.state, '', url);
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <Tooltip label={copied ? 'Copied, with these times' : 'Copy a link to this, with its times'} opened={copied ? true : undefined}>
      <ActionIcon variant="default" size={30} aria-label="Copy link" onClick={() => void copy()}>
        <IconLink size={15} />
      </ActionIcon>
    </Tooltip>
  );
}
