import { NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { LinksEditor } from '@/features/dashboards/edit/options/LinksEditor';
import type { LinkJson, PanelJson } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';
import classes from './options.module.css';
import { without } from '@/lib/objects';

interface PanelBasicsProps {
  panel: PanelJson;
  variables: readonly Variable[];
  onChange: (change: (panel: PanelJson) => PanelJson, kind?: string) => void;
}

/** What every panel has: title, text, background, links, repetition. */
export function PanelBasics({ panel, variables, onChange }: PanelBasicsProps) {
  const set = (change: Partial<PanelJson>, kind: string) => onChange((now) => ({ ...now, ...change }), `panel/${kind}`);
  const repeatable = variables.filter((one) => one.options.length > 0 && one.type !== 'interval');
  return (
    <>
      {panel.libraryPanel !== undefined && (
        <div className={classes.labelled}>
          <span className={classes.label}>Library panel “{panel.libraryPanel.name}”</span>
          <Switch size="xs" label="Keep the link to the library" checked onChange={() => onChange((now) => without(now, 'libraryPanel'))} />
        </div>
      )}
      <TextInput label="Title" value={panel.title ?? ''} onChange={(event) => set({ title: event.currentTarget.value }, 'title')} />
      <Textarea size="xs" label="Description" placeholder="Markdown, behind the i" autosize minRows={2} maxRows={8} value={panel.description ?? ''} onChange={(event) => set({ description: event.currentTarget.value }, 'description')} />
      <Switch size="xs" labelPosition="left" className={classes.switch} label="Without background" checked={panel.transparent ?? false} onChange={(event) => set({ transparent: event.currentTarget.checked }, 'transparent')} />
      <div className={classes.labelled}>
        <span className={classes.label}>Links</span>
        <LinksEditor value={panel.links} onChange={(links) => set({ links: (links as LinkJson[] | undefined) ?? [] }, 'links')} />
      </div>
      <Select label="Repeat for" placeholder="not repeated" clearable data={repeatable.map((one) => one.name)} value={panel.repeat ?? null} onChange={(repeat) => set(repeat === null ? { repeat: null } : { repeat, repeatDirection: panel.repeatDirection ?? 'h', maxPerRow: panel.maxPerRow ?? 4 }, 'repeat')} />
      {panel.repeat !== undefined && panel.repeat !== null && panel.repeat !== '' && (
        <div className={classes.pair}>
          <div className={classes.labelled}>
            <span className={classes.label}>Direction</span>
            <SegmentedControl aria-label="Direction" data={[{ value: 'h', label: 'Across' }, { value: 'v', label: 'Down' }]} value={panel.repeatDirection ?? 'h'} onChange={(value) => set({ repeatDirection: value === 'v' ? 'v' : 'h' }, 'direction')} />
          </div>
          {panel.repeatDirection !== 'v' && <NumberInput label="At most in a row" min={1} max={24} value={panel.maxPerRow ?? 4} onChange={(value) => set({ maxPerRow: Number(value) || 4 }, 'perRow')} />}
        </div>
      )}
    </>
  );
}
