import { Button, SegmentedControl } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { alerts, silences } from '@/api/alertmanager';
import { rules } from '@/api/prometheus';
import { Page } from '@/components/Page';
import { FiringTab } from '@/features/alerts/FiringTab';
import { RulesTab } from '@/features/alerts/RulesTab';
import { SilenceForm } from '@/features/alerts/SilenceForm';
import { parseMatchers } from '@/features/alerts/matchers';
import { SilencesTab } from '@/features/alerts/SilencesTab';
import { useCanEdit } from '@/features/alerts/useCanEdit';
import { defineSearch, enumParam, stringParam } from '@/lib/search';
import { useSearchState } from '@/lib/useSearchState';
import classes from './AlertsPage.module.css';

export const alertsSearch = defineSearch({
  tab: enumParam(['firing', 'rules', 'silences'], 'firing'),
  q: stringParam(),
  group: enumParam(['alertname', 'severity', 'layer', 'none'], 'alertname'),
  state: enumParam(['all', 'firing', 'pending', 'inactive', 'error'], 'all'),
  /** Matchers of a silence that is being written: "new" or {a="b"}; "" when none is. */
  silence: stringParam(),
});

const refreshMs = 5_000;

/** What fires now, what could fire, and what is silenced. */
export function AlertsPage() {
  const [search, setSearch] = useSearchState(alertsSearch);
  const firing = useQuery({ queryKey: ['alerts'], queryFn: ({ signal }) => alerts(signal), refetchInterval: refreshMs });
  const groups = useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => rules(signal), refetchInterval: refreshMs });
  const silenced = useQuery({ queryKey: ['silences'], queryFn: ({ signal }) => silences(signal), refetchInterval: refreshMs });
  const canEdit = useCanEdit();
  const active = firing.data?.filter((alert) => alert.status.state === 'active').length;
  const ruleCount = groups.data?.reduce((sum, group) => sum + group.rules.length, 0);
  const silenceCount = silenced.data?.filter((one) => one.status.state !== 'expired').length;
  return (
    <Page
      title="Alerts"
      middle={
        <SegmentedControl
          aria-label="Show"
          data={[
            { value: 'firing', label: <Counted name="Firing" count={active} bad /> },
            { value: 'rules', label: <Counted name="Rules" count={ruleCount} /> },
            { value: 'silences', label: <Counted name="Silences" count={silenceCount} /> },
          ]}
          value={search.tab}
          onChange={(tab) => setSearch({ tab: tab === 'rules' || tab === 'silences' ? tab : 'firing' })}
        />
      }
      actions={
        canEdit && (
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setSearch({ silence: 'new' })}>
            New silence
          </Button>
        )
      }
    >
      {search.tab === 'firing' && (
        <FiringTab query={firing} ruleCount={ruleCount} text={search.q} group={search.group} onText={(q) => setSearch({ q }, { replace: true })} onGroup={(group) => setSearch({ group })} onSilence={canEdit ? (matchers) => setSearch({ silence: matchers }) : undefined} />
      )}
      {search.tab === 'rules' && <RulesTab query={groups} text={search.q} state={search.state} onText={(q) => setSearch({ q }, { replace: true })} onState={(state) => setSearch({ state })} />}
      {search.tab === 'silences' && <SilencesTab query={silenced} canEdit={canEdit} onNew={() => setSearch({ silence: 'new' })} />}
      {search.silence !== '' && canEdit && (
        <SilenceForm initial={search.silence === 'new' ? [] : (parseMatchers(search.silence) ?? [])} alerts={firing.data ?? []} onClose={() => setSearch({ silence: '' })} onDone={() => setSearch({ silence: '', tab: 'silences' })} />
      )}
    </Page>
  );
}

/** A view's name and how much it holds; red when that is bad news. */
function Counted({ name, count, bad = false }: { name: string; count: number | undefined; bad?: boolean }) {
  return (
    <>
      {name}
      {count !== undefined && (
        <span className={classes.count} data-bad={bad && count > 0}>
          {count}
        </span>
      )}
    </>
  );
}
