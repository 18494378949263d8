import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { EmptyState } from '@/components/EmptyState';
import { Page } from '@/components/Page';
import { useSearchState } from '@/lib/useSearchState';
import { connectSearch } from './connectSearch';
import { Setup } from './Setup';
import { findSources, type Source, sources } from './sources';
import classes from './ConnectPage.module.css';

const groups: readonly Source['group'][] = ['Everything at once', 'Metrics', 'Logs', 'Platforms', 'Other'];

/** Asks what you run and gives the exact lines that make it send here. */
export function ConnectPage() {
  const [{ source: id, q }, set] = useSearchState(connectSearch);
  const found = findSources(q);
  const source = sources.find((one) => one.id === id) ?? sources[0];
  return (
    <Page title="Get data in">
      <div className={classes.columns}>
        <nav className={classes.list} aria-label="What do you run?">
          <TextInput
            aria-label="What do you run?"
            placeholder="What do you run?"
            leftSection={<IconSearch size={14} />}
            data-shortcut="query"
            value={q}
            onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })}
          />
          {found.length === 0 && <EmptyState title="Not in the list">Anything that speaks OTLP, Loki, Prometheus remote write, Elasticsearch bulk, syslog or plain HTTP can send here.</EmptyState>}
          {groups.map((group) => {
            const members = found.filter((one) => one.group === group);
            return members.length === 0 ? null : (
              <section key={group} className={classes.group}>
                <h2 className={classes.groupTitle}>{group}</h2>
                <ul>
                  {members.map((one) => (
                    <li key={one.id}>
                      <button type="button" className={classes.source} aria-current={one.id === source?.id ? 'true' : undefined} onClick={() => set({ source: one.id })}>
                        <span>{one.name}</span>
                        <span className={classes.signals}>{one.signals.length === 3 ? 'all signals' : one.signals.join(' · ')}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              </section>
            );
          })}
        </nav>
        {source !== undefined && <Setup key={source.id} source={source} />}
      </div>
    </Page>
  );
}
