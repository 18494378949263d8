import { Button, SegmentedControl, Tabs } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import type { PlanContext } from '@/features/dashboards/data/planQueries';
import type { DialogName } from '@/features/dashboards/edit/DashboardDialogs';
import { findPanel, updatePanel } from '@/features/dashboards/edit/draft';
import { changeType, type TypeMemory } from '@/features/dashboards/edit/options/changeType';
import { OptionsPane } from '@/features/dashboards/edit/options/OptionsPane';
import { panelTypes } from '@/features/dashboards/edit/options/panelTypes';
import { PanelJsonTab } from '@/features/dashboards/edit/panel/PanelJsonTab';
import { QueriesTab } from '@/features/dashboards/edit/panel/QueriesTab';
import { TransformationsTab } from '@/features/dashboards/edit/panel/TransformationsTab';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import type { PlacedPanel } from '@/features/dashboards/model/grid';
import type { PanelJson } from '@/features/dashboards/model/types';
import { allToken, selectedValues, type Variable } from '@/features/dashboards/model/variables';
import { usePanel } from '@/features/dashboards/usePanel';
import classes from './panel.module.css';

interface PanelEditorProps {
  draft: Draft;
  context: Omit<PlanContext, 'points'>;
  id: number;
  panelView: (placed: PlacedPanel) => ReactNode;
  onClose: () => void;
  setDialog: (dialog: DialogName) => void;
}

/** One panel in the editor: the picture on live data, its queries below, its options beside. */
export function PanelEditor({ draft, id, onClose, ...rest }: PanelEditorProps) {
  const panel = findPanel(draft.dashboard, id);
  if (panel === undefined) {
    return (
      <EmptyState title="This panel is not in the dashboard" action={<Button variant="default" onClick={onClose}>Back to dashboard</Button>}>
        It may have been removed.
      </EmptyState>
    );
  }
  return <Editor key={id} draft={draft} panel={panel} {...rest} />;
}

/** The first value of what the panel repeats by. */
function scopeOf(panel: PanelJson, variables: readonly Variable[]): Record<string, string> {
  const name = panel.repeat ?? '';
  const variable = variables.find((one) => one.name === name);
  const value = variable === undefined ? undefined : selectedValues(variable).find((one) => one !== allToken);
  return value === undefined ? {} : { [name]: value };
}

function Editor({ draft, panel, context, panelView }: Omit<PanelEditorProps, 'id' | 'onClose'> & { panel: PanelJson }) {
  const { ref, width } = useElementSize();
  const [asTable, setAsTable] = useState(false);
  const [tab, setTab] = useState<string | null>('queries');
  const memory = useRef<TypeMemory>(new Map());
  const { variables } = context;
  const placed = useMemo<PlacedPanel>(() => ({ key: `edit/${panel.id}`, panel, place: { x: 0, y: 0, w: 24, h: 8 }, scoped: scopeOf(panel, variables) }), [panel, variables]);
  const shown = useMemo<PlacedPanel>(() => (asTable ? { ...placed, panel: { ...panel, type: 'table', options: {}, fieldConfig: { defaults: {}, overrides: [] } } } : placed), [asTable, placed, panel]);
  // The same points as the picture, so that both share one answer.
  const points = Math.max(100, Math.round((width - 22) / 100) * 100);
  const state = usePanel(placed, { ...context, points }, width > 0);
  const change = (next: (panel: PanelJson) => PanelJson, kind?: string) => draft.change((now) => updatePanel(now, panel.id, next), kind === undefined ? undefined : `${panel.id}/${kind}`);
  const plain = panelTypes.find((one) => one.type === panel.type)?.plain === true;
  return (
    <div className={classes.editor}>
      <div className={classes.left}>
        <div ref={ref} className={classes.preview} aria-label="Preview" role="region">
          {panelView(shown)}
        </div>
        {!plain && (
          <div className={classes.previewBar}>
            <SegmentedControl aria-label="Preview as" data={[{ value: 'panel', label: 'Picture' }, { value: 'table', label: 'Table' }]} value={asTable ? 'table' : 'panel'} onChange={(value) => setAsTable(value === 'table')} />
            <span className="dim num">
              {state.plan.queries.length === 0 ? (state.plan.problems[0] ?? 'No query yet') : state.loading ? 'Loading' : `${state.frames.length} ${state.frames.length === 1 ? 'frame' : 'frames'}, ${state.frames.reduce((sum, frame) => sum + frame.length, 0).toLocaleString('en-US')} rows`}
            </span>
          </div>
        )}
        <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false}>
          <Tabs.List>
            {!plain && <Tabs.Tab value="queries">Queries {(panel.targets ?? []).length > 0 && <span className="faint num">{panel.targets?.length}</span>}</Tabs.Tab>}
            {!plain && <Tabs.Tab value="transformations">Transformations {(panel.transformations ?? []).length > 0 && <span className="faint num">{panel.transformations?.length}</span>}</Tabs.Tab>}
            <Tabs.Tab value="json">JSON</Tabs.Tab>
          </Tabs.List>
          {!plain && (
            <Tabs.Panel value="queries" className={classes.tab}>
              <QueriesTab panel={panel} context={context} state={state} onChange={change} />
            </Tabs.Panel>
          )}
          {!plain && (
            <Tabs.Panel value="transformations" className={classes.tab}>
              <TransformationsTab panel={panel} frames={state.frames} onChange={change} />
            </Tabs.Panel>
          )}
          <Tabs.Panel value="json" className={classes.tab}>
            <PanelJsonTab panel={panel} onChange={change} />
          </Tabs.Panel>
        </Tabs>
      </div>
      <aside className={classes.right} aria-label="Options">
        <OptionsPane panel={panel} frames={state.frames} variables={variables} onChange={change} onType={(type) => change((now) => changeType(now, type, memory.current))} />
      </aside>
    </div>
  );
}
