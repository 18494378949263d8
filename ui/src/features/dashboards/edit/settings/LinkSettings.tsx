import { Button, SegmentedControl, Switch, TagsInput, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { EmptyState } from '@/components/EmptyState';
import { safeHref } from '@/features/dashboards/DashboardLinks';
import { moved, OrderButtons, replaced, Row } from '@/features/dashboards/edit/fields';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { LinkJson } from '@/features/dashboards/model/types';
import classes from './settings.module.css';

/** The dashboard's links: to other dashboards by tag, and to addresses. */
export function LinkSettings({ draft }: { draft: Draft }) {
  const links = draft.dashboard.links ?? [];
  const set = (next: LinkJson[], kind?: string) => draft.change((now) => ({ ...now, links: next }), kind);
  const add = () => set([...links, { title: 'New link', type: 'dashboards', tags: [], asDropdown: false, keepTime: true, includeVars: false, targetBlank: false, url: '' }]);
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>Links</h2>
        <Button variant="default" leftSection={<IconPlus size={14} />} onClick={add}>
          Add a link
        </Button>
      </div>
      {links.length === 0 && <EmptyState title="No links">Related dashboards, a runbook, a repository: they stand beside the variables.</EmptyState>}
      {links.map((link, index) => (
        <LinkForm key={index} link={link} index={index} count={links.length} onMove={(to) => set(moved(links, index, to))} onRemove={() => set(links.filter((_, at) => at !== index))} onChange={(change) => set(replaced(links, index, { ...link, ...change }), `link/${index}`)} />
      ))}
    </>
  );
}

interface LinkFormProps {
  link: LinkJson;
  index: number;
  count: number;
  onMove: (to: number) => void;
  onRemove: () => void;
  onChange: (change: Partial<LinkJson>) => void;
}

function LinkForm({ link, index, count, onMove, onRemove, onChange }: LinkFormProps) {
  const byTag = link.type !== 'link';
  const url = link.url ?? '';
  return (
    <fieldset className={classes.fieldset}>
      <legend className="visually-hidden">Link {link.title}</legend>
      <div className={classes.head}>
        <SegmentedControl aria-label="Kind" data={[{ value: 'dashboards', label: 'Dashboards by tag' }, { value: 'link', label: 'Address' }]} value={byTag ? 'dashboards' : 'link'} onChange={(type) => onChange({ type })} />
        <OrderButtons what={link.title ?? 'the link'} index={index} count={count} onMove={onMove} onRemove={onRemove} />
      </div>
      <Row>
        <TextInput label="Title" value={link.title ?? ''} onChange={(event) => onChange({ title: event.currentTarget.value })} />
        {byTag ? (
          <TagsInput size="xs" label="With all of the tags" value={link.tags ?? []} onChange={(tags) => onChange({ tags })} />
        ) : (
          <TextInput label="Address" placeholder="https://… or /dashboards/…" value={url} error={url !== '' && !url.includes('$') && safeHref(url) === undefined ? 'http, https or a path of Pharos' : undefined} onChange={(event) => onChange({ url: event.currentTarget.value })} />
        )}
      </Row>
      <div className={classes.switches}>
        {byTag && <Switch size="xs" label="As a drop-down" checked={link.asDropdown ?? false} onChange={(event) => onChange({ asDropdown: event.currentTarget.checked })} />}
        <Switch size="xs" label="With the time range" checked={link.keepTime ?? false} onChange={(event) => onChange({ keepTime: event.currentTarget.checked })} />
        <Switch size="xs" label="With the variables" checked={link.includeVars ?? false} onChange={(event) => onChange({ includeVars: event.currentTarget.checked })} />
        <Switch size="xs" label="In a new tab" checked={link.targetBlank ?? false} onChange={(event) => onChange({ targetBlank: event.currentTarget.checked })} />
      </div>
    </fieldset>
  );
}
