import '@mantine/spotlight/styles.css';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { listDashboards } from '@/api/dashboards';
import { logLabelValues } from '@/api/loki';
import { labelValues } from '@/api/prometheus';
import { useVisiblePages } from '@/app/shell/useVisiblePages';
import { useGo } from '@/lib/useGo';
import { askCommands, type Command, dashboardCommands, findCommands, fixedCommands, metricCommands, pageCommands, serviceCommands } from './commands';
import classes from './Palette.module.css';

const fresh = 60_000;
const hourMs = 3_600_000;

/** Ctrl+K: every place, dashboard, service and metric by its name, and what can be done from anywhere. Opens whenever `asked` changes. */
export function Palette({ asked, onHelp }: { asked: number; onHelp: () => void }) {
  const [text, setText] = useState('');
  useEffect(() => spotlight.open(), [asked]);
  return (
    <Spotlight.Root query={text} onQueryChange={setText} clearQueryOnClose scrollable maxHeight={440} size={620} centered={false} yOffset="12vh" overlayProps={{ blur: 0 }} shortcut={null} classNames={{ content: classes.content ?? '' }}>
      <Spotlight.Search placeholder="Go to, search, create…" aria-label="Command" leftSection={<IconSearch size={17} stroke={1.6} />} />
      <Found text={text} onHelp={onHelp} />
    </Spotlight.Root>
  );
}

/** Mounted while the palette is open, so that names are asked then. */
function Found({ text, onHelp }: { text: string; onHelp: () => void }) {
  const found = findCommands(useCommands(text), text);
  const run = useRun(onHelp);
  return (
    <Spotlight.ActionsList>
      {found.map(({ group, commands }) => (
        <Spotlight.ActionsGroup key={group} label={group}>
          {commands.map((command) => (
            <Spotlight.Action
              key={command.id}
              className={classes.action ?? ''}
              label={command.label}
              onClick={() => run(command)}
              rightSection={command.hint === undefined ? undefined : <span className={classes.hint}>{command.hint}</span>}
            />
          ))}
        </Spotlight.ActionsGroup>
      ))}
      {found.length === 0 && <Spotlight.Empty>Nothing by that name.</Spotlight.Empty>}
    </Spotlight.ActionsList>
  );
}

/** Names are asked when the palette is opened, and kept for a minute. */
function useCommands(text: string): Command[] {
  const pages = useVisiblePages();
  const dashboards = useQuery({ queryKey: ['palette', 'dashboards'], queryFn: ({ signal }) => listDashboards(signal), staleTime: fresh });
  const services = useQuery({ queryKey: ['palette', 'services'], queryFn: ({ signal }) => logLabelValues('service_name', Date.now() - hourMs, Date.now(), undefined, signal), staleTime: fresh });
  const metrics = useQuery({ queryKey: ['palette', 'metrics'], queryFn: ({ signal }) => labelValues('__name__', undefined, signal), staleTime: fresh });
  const named = useMemo(
    () => [...pageCommands(pages), ...fixedCommands(), ...dashboardCommands(dashboards.data?.dashboards ?? []), ...serviceCommands(services.data ?? []), ...metricCommands(metrics.data ?? [])],
    [pages, dashboards.data, services.data, metrics.data],
  );
  return useMemo(() => [...named, ...askCommands(text)], [named, text]);
}

function useRun(onHelp: () => void): (command: Command) => void {
  const go = useGo();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  return ({ run }) => {
    switch (run.kind) {
      case 'go':
        go(run.place);
        break;
      case 'press':
        document.querySelector<HTMLElement>(`[data-shortcut="${run.shortcut}"]`)?.click();
        break;
      case 'theme':
        setColorScheme(scheme === 'dark' ? 'light' : 'dark');
        break;
      case 'help':
        onHelp();
    }
  };
}
