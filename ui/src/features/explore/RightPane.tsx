import { ActionIcon, Switch, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { TimeRangePicker } from '@/components/TimeRangePicker';
import { TimeRangeProvider } from '@/components/useTimeRange';
import { rightPane, SearchScope } from '@/lib/searchScope';
import classes from './ExplorePage.module.css';
import { Pane, SignalTabs } from './Pane';

interface RightPaneProps {
  /** It has a time range of its own. */
  unlinked: boolean;
  onUnlink: (own: boolean) => void;
  onClose: () => void;
}

/** The second pane: its own signal and query, and the same time unless it is unlinked. */
export function RightPane({ unlinked, onUnlink, onClose }: RightPaneProps) {
  const inside = (
    <>
      <div className={classes.head}>
        <SignalTabs />
        <div className={classes.headRight}>
          <Switch size="xs" label="Same time" checked={!unlinked} onChange={(event) => onUnlink(!event.currentTarget.checked)} />
          {unlinked && <TimeRangePicker />}
          <Tooltip label="Close this pane">
            <ActionIcon variant="subtle" color="gray" aria-label="Close the right pane" onClick={onClose}>
              <IconX size={15} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
      <Pane />
    </>
  );
  return <SearchScope value={rightPane}>{unlinked ? <TimeRangeProvider>{inside}</TimeRangeProvider> : inside}</SearchScope>;
}
