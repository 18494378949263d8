import { Button, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { safeHref } from '@/features/dashboards/DashboardLinks';
import { moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { asObject, type SpecialProps } from '@/features/dashboards/edit/options/SpecialField';
import classes from './options.module.css';

interface LinkEntry {
  title?: string;
  url?: string;
  targetBlank?: boolean;
}

/** Links of a value or of a panel; their addresses may hold ${__value.raw}, ${__field.labels.x} and variables. */
export function LinksEditor({ value, onChange }: Pick<SpecialProps, 'value' | 'onChange'>) {
  const links: LinkEntry[] = Array.isArray(value) ? value.map(asObject) : [];
  const set = (next: LinkEntry[]) => onChange(next.length === 0 ? undefined : next);
  return (
    <div className={classes.labelled}>
      {links.map((link, index) => {
        const url = link.url ?? '';
        const change = (part: LinkEntry) => set(replaced(links, index, { ...link, ...part }));
        return (
          <fieldset key={index} className={classes.card}>
            <legend className="visually-hidden">Link {index + 1}</legend>
            <div className={classes.cardHead}>
              <TextInput aria-label="Title" placeholder="Title" value={link.title ?? ''} onChange={(event) => change({ title: event.currentTarget.value })} />
              <OrderButtons what={`link ${index + 1}`} index={index} count={links.length} onMove={(to) => set(moved(links, index, to))} onRemove={() => set(links.filter((_, at) => at !== index))} />
            </div>
            <TextInput aria-label="Address" placeholder="https://… ${__value.raw}" value={url} error={url !== '' && !url.startsWith('$') && safeHref(url) === undefined ? 'http, https or a path of Pharos' : undefined} onChange={(event) => change({ url: event.currentTarget.value })} />
            <Switch size="xs" label="In a new tab" checked={link.targetBlank ?? false} onChange={(event) => change({ targetBlank: event.currentTarget.checked })} />
          </fieldset>
        );
      })}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} style={{ alignSelf: 'flex-start' }} onClick={() => set([...links, { title: '', url: '' }])}>
        Add a link
      </Button>
    </div>
  );
}
