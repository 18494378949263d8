import { Button, Menu, Select, Switch, TagsInput, TextInput, NumberInput } from '@mantine/core';
import { IconArrowLeft, IconChevronDown, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Datasource } from '@/api/dashboards';
import { EmptyState } from '@/components/EmptyState';
import { QueryEditor } from '@/components/editor/QueryEditor';
import { allPanels } from '@/features/dashboards/edit/draft';
import { ColorField } from '@/features/dashboards/edit/ColorField';
import { DatasourceSelect } from '@/features/dashboards/edit/DatasourceSelect';
import { moved, OrderButtons, replaced, Row } from '@/features/dashboards/edit/fields';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { PanelPick } from '@/features/dashboards/edit/settings/PanelPick';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { paint } from '@/features/dashboards/edit/paint';
import { type AnnotationQueryJson, describeAnnotation, kindOf, newAnnotation } from '@/features/dashboards/edit/settings/annotationModel';
import classes from './settings.module.css';

interface AnnotatedJson extends Omit<DashboardJson, 'annotations'> {
  annotations?: { list?: AnnotationQueryJson[] };
}

/** The dashboard's annotation queries: deploys, alerts, answers of a query, drawn over time. */
export function AnnotationSettings({ draft, datasources }: { draft: Draft; datasources: readonly Datasource[] }) {
  const list = (draft.dashboard as AnnotatedJson).annotations?.list ?? [];
  const [open, setOpen] = useState<number>();
  const set = (next: AnnotationQueryJson[], kind?: string) => draft.change((now) => ({ ...now, annotations: { ...(now as AnnotatedJson).annotations, list: next } }) as DashboardJson, kind);
  const edited = open === undefined ? undefined : list[open];
  if (edited !== undefined && open !== undefined) {
    return <AnnotationForm annotation={edited} draft={draft} datasources={datasources} onBack={() => setOpen(undefined)} onChange={(change) => set(replaced(list, open, { ...edited, ...change }), `annotation/${open}`)} />;
  }
  const add = (kind: 'tags' | 'query') => {
    set([...list, newAnnotation(kind, datasources)]);
    setOpen(list.length);
  };
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>Annotations</h2>
        <Menu position="bottom-end" shadow="md" width={260}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconPlus size={14} />} rightSection={<IconChevronDown size={13} />}>
              Add annotations
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => add('tags')}>Marks by tag: deploys, notes</Menu.Item>
            <Menu.Item onClick={() => add('query')}>Answers of a query</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {list.length === 0 && <EmptyState title="No annotations">Deploys, alerts and events as lines over every graph.</EmptyState>}
      {list.length > 0 && (
        <div className={classes.list}>
          {list.map((one, index) => (
            <div key={index} className={classes.entry}>
              <span className={classes.swatch} style={{ background: paint(one.iconColor) }} />
              <button type="button" className={classes.entryName} onClick={() => setOpen(index)}>
                {one.name ?? 'Annotations'}
              </button>
              <span className={classes.entryText}>{describeAnnotation(one)}</span>
              <Switch size="xs" aria-label={`${one.name ?? 'Annotations'} on`} checked={one.enable !== false} onChange={(event) => set(replaced(list, index, { ...one, enable: event.currentTarget.checked }))} />
              {one.builtIn !== 1 && <OrderButtons what={one.name ?? 'annotations'} index={index} count={list.length} onMove={(to) => set(moved(list, index, to))} onRemove={() => set(list.filter((_, at) => at !== index))} />}
            </div>
          ))}
        </div>
      )}
    </>
  );
}

interface FormProps {
  annotation: AnnotationQueryJson;
  draft: Draft;
  datasources: readonly Datasource[];
  onChange: (change: Partial<AnnotationQueryJson>) => void;
  onBack: () => void;
}

function AnnotationForm({ annotation, draft, datasources, onChange, onBack }: FormProps) {
  const kind = kindOf(annotation, datasources);
  const target = annotation.target ?? {};
  const expr = annotation.expr ?? target.expr ?? '';
  return (
    <div className={classes.form}>
      <div className={classes.head}>
        <Button variant="subtle" color="gray" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          Annotations
        </Button>
        <h2 className={classes.title}>{annotation.name}</h2>
      </div>
      <Row>
        <TextInput label="Name" value={annotation.name ?? ''} onChange={(event) => onChange({ name: event.currentTarget.value })} />
        <ColorField label="Colour" value={annotation.iconColor ?? 'red'} onChange={(iconColor) => onChange({ iconColor })} />
        {kind !== 'grafana' && <DatasourceSelect label="Data source" value={typeof annotation.datasource === 'string' ? { uid: annotation.datasource } : annotation.datasource} datasources={datasources} onChange={(datasource) => onChange({ datasource })} />}
      </Row>
      <div className={classes.switches}>
        <Switch size="xs" label="On" checked={annotation.enable !== false} onChange={(event) => onChange({ enable: event.currentTarget.checked })} />
        <Switch size="xs" label="Without its switch above the panels" checked={annotation.hide ?? false} onChange={(event) => onChange({ hide: event.currentTarget.checked })} />
      </div>
      {kind === 'grafana' && (
        <Row>
          <Select label="Which" data={[{ value: 'dashboard', label: 'Of this dashboard, and alerts' }, { value: 'tags', label: 'By tag, from anywhere' }]} value={target.type ?? 'dashboard'} allowDeselect={false} onChange={(type) => onChange({ target: { ...target, type: type ?? 'dashboard' }, type: type ?? 'dashboard' })} />
          {target.type === 'tags' && <TagsInput size="xs" label="Tags" value={target.tags ?? []} onChange={(tags) => onChange({ target: { ...target, tags } })} />}
          <NumberInput label="At most" min={1} max={1000} value={target.limit ?? 100} onChange={(limit) => onChange({ target: { ...target, limit: Number(limit) || 100 } })} />
          {target.type === 'tags' && <Switch size="xs" label="Any of the tags" checked={target.matchAny ?? false} onChange={(event) => onChange({ target: { ...target, matchAny: event.currentTarget.checked } })} />}
        </Row>
      )}
      {(kind === 'prometheus' || kind === 'loki') && (
        <>
          <QueryEditor language={kind === 'loki' ? 'logql' : 'promql'} label="Annotation query" value={expr} onChange={(next) => onChange(target.expr === undefined ? { expr: next } : { expr: next, target: { ...target, expr: next } })} onRun={() => undefined} placeholder={kind === 'loki' ? '{app="deployer"} |= "deployed"' : 'ALERTS{alertstate="firing"}'} />
          <Row>
            <TextInput label="Title" placeholder="{{alertname}}" value={annotation.titleFormat ?? ''} onChange={(event) => onChange({ titleFormat: event.currentTarget.value })} />
            <TextInput label="Text" placeholder="{{instance}}" value={annotation.textFormat ?? ''} onChange={(event) => onChange({ textFormat: event.currentTarget.value })} />
            <TextInput label="Labels as tags" placeholder="severity, service" value={annotation.tagKeys ?? ''} onChange={(event) => onChange({ tagKeys: event.currentTarget.value })} />
            {kind === 'prometheus' && <TextInput label="Step" placeholder="60s" value={annotation.step ?? ''} onChange={(event) => onChange({ step: event.currentTarget.value })} />}
          </Row>
          {kind === 'prometheus' && <Switch size="xs" label="The sample’s value is the time, in milliseconds" checked={annotation.useValueForTime === true || annotation.useValueForTime === 'on'} onChange={(event) => onChange({ useValueForTime: event.currentTarget.checked })} />}
        </>
      )}
      {kind === 'other' && <p className="dim">Annotations of this data source are kept as they are; the JSON tab edits them.</p>}
      <PanelPick filter={annotation.filter} panels={allPanels(draft.dashboard)} onChange={(filter) => onChange({ filter })} />
    </div>
  );
}
