import { SegmentedControl, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSearch, IconTargetArrow } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { type Target, targets } from '@/api/prometheus';
import { Age } from '@/components/Age';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { QueryView } from '@/components/QueryView';
import { filterTargets, groupTargets, type Pool } from '@/features/targets/groupTargets';
import { defineSearch, enumParam, stringParam } from '@/lib/search';
import { useSearchState } from '@/lib/useSearchState';
import { formatMicros } from '@/lib/duration';
import classes from './TargetsPage.module.css';

export const targetsSearch = defineSearch({ q: stringParam(), health: enumParam(['all', 'down'], 'all') });

const refreshMs = 5_000;

/** What is scraped, by job, with its health. */
export function TargetsPage() {
  const query = useQuery({ queryKey: ['targets'], queryFn: ({ signal }) => targets(signal), refetchInterval: refreshMs });
  const [{ q, health }, setSearch] = useSearchState(targetsSearch);
  const all = query.data?.activeTargets ?? [];
  const down = all.filter((target) => target.health === 'down').length;
  return (
    <Page title="Targets" middle={query.data && <Summary total={all.length} down={down} />}>
      <div className={classes.filters}>
        <TextInput className={classes.search} leftSection={<IconSearch size={14} />} placeholder="Filter by job, address or label" aria-label="Filter targets" value={q} onChange={(event) => setSearch({ q: event.currentTarget.value }, { replace: true })} />
        <SegmentedControl
          aria-label="Health"
          value={health}
          onChange={(value) => setSearch({ health: value === 'down' ? 'down' : 'all' })}
          data={[
            { value: 'all', label: `All ${all.length}` },
            { value: 'down', label: `Not up ${all.filter((target) => target.health !== 'up').length}` },
          ]}
        />
      </div>
      <QueryView
        query={query}
        errorTitle="The targets could not be loaded"
        isEmpty={(data) => data.activeTargets.length === 0}
        empty={
          <EmptyState title="Nothing is scraped" icon={<IconTargetArrow size={24} />}>
            Name a prometheus.yml with scrape_configs under metrics.prometheus_config in pharos.yml.
          </EmptyState>
        }
      >
        {(data) => <Pools targets={data.activeTargets} text={q} onlyDown={health === 'down'} />}
      </QueryView>
    </Page>
  );
}

function Summary({ total, down }: { total: number; down: number }) {
  return (
    <span className={classes.summary} data-bad={down > 0}>
      <span className={classes.dot} data-health={down > 0 ? 'down' : 'up'} /> {down > 0 ? `${down} of ${total} down` : `${total} up`}
    </span>
  );
}

function Pools({ targets: list, text, onlyDown }: { targets: readonly Target[]; text: string; onlyDown: boolean }) {
  const pools = useMemo(() => groupTargets(filterTargets(list, text, onlyDown)), [list, text, onlyDown]);
  if (pools.length === 0) return <EmptyState title={onlyDown && text === '' ? 'Every target is up' : 'No target matches'} />;
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Address</th>
            <th scope="col">Labels</th>
            <th scope="col" data-number>
              Last scrape
            </th>
            <th scope="col" data-number>
              Took
            </th>
            <th scope="col" data-number>
              Every
            </th>
          </tr>
        </thead>
        {pools.map((pool) => (
          <PoolRows key={pool.job} pool={pool} />
        ))}
      </table>
    </div>
  );
}

function PoolRows({ pool }: { pool: Pool }) {
  const [open, setOpen] = useState(true);
  return (
    <tbody>
      <tr className={classes.pool}>
        <th colSpan={6} scope="rowgroup">
          <button type="button" className={classes.head} aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
            <span className={classes.job}>{pool.job}</span>
            <span className={classes.count} data-bad={pool.up < pool.targets.length}>
              {pool.up}/{pool.targets.length} up
            </span>
          </button>
        </th>
      </tr>
      {open && pool.targets.map((target) => <Row key={target.scrapeUrl + JSON.stringify(target.labels)} target={target} />)}
    </tbody>
  );
}

function Row({ target }: { target: Target }) {
  const labels = Object.entries(target.labels).filter(([name]) => name !== 'job');
  return (
    <>
      <tr data-health={target.health}>
        <td>
          <span className={classes.state} data-health={target.health}>
            <span className={classes.dot} data-health={target.health} />
            {target.health}
          </span>
        </td>
        <td className="mono">{target.scrapeUrl}</td>
        <td>
          <span className={classes.labels}>
            {labels.map(([name, value]) => (
              <span key={name} className={classes.label}>
                <span className="dim">{name}=</span>
                {value}
              </span>
            ))}
          </span>
        </td>
        <td data-number>
          <Age at={target.lastScrape} />
        </td>
        <td data-number className="num">
          {formatMicros(target.lastScrapeDuration * 1e6)}
        </td>
        <td data-number>{target.scrapeInterval}</td>
      </tr>
      {target.lastError !== '' && (
        <tr>
          <td />
          <td colSpan={5} className={classes.error}>
            {target.lastError}
          </td>
        </tr>
      )}
    </>
  );
}
