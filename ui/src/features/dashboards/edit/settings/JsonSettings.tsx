import { Button, Group } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { checkDashboards, type Finding } from '@/api/dashboardCheck';
import { ConfigEditor, type ConfigMark } from '@/components/editor/ConfigEditor';
import { same } from '@/features/dashboards/edit/changes';
import { checkModel } from '@/features/dashboards/edit/checkModel';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { done } from '@/features/dashboards/failed';
import type { DashboardJson, PanelJson } from '@/features/dashboards/model/types';
import { parseJson } from '@/lib/jsonError';
import { placeInJson } from '@/lib/jsonPlace';
import classes from './settings.module.css';

interface Problem extends ConfigMark {
  key: string;
}

/** The whole model as text. It becomes the draft when it is JSON of a dashboard; until then it says what is wrong, and where. */
export function JsonSettings({ draft }: { draft: Draft }) {
  const [text, setText] = useState(() => JSON.stringify(draft.dashboard, null, 2));
  const [shown, setShown] = useState(draft.dashboard);
  const [goTo, setGoTo] = useState<{ line: number; column: number }>();
  const parsed = useMemo(() => parseJson(text), [text]);
  // Undo changes the draft under the text.
  useEffect(() => {
    if (shown === draft.dashboard) return;
    setShown(draft.dashboard);
    setText(JSON.stringify(draft.dashboard, null, 2));
  }, [draft.dashboard, shown]);
  const errors = useMemo(() => errorsOf(text, parsed), [text, parsed]);
  const warnings = useWarnings(text, errors.length === 0);
  const problems = useMemo(() => [...errors, ...warnings], [errors, warnings]);
  const changed = 'value' in parsed && !same(parsed.value, draft.dashboard);
  const apply = () => {
    if (!('value' in parsed) || errors.length > 0 || !changed) return;
    const next = parsed.value as DashboardJson;
    setShown(next);
    draft.change(next);
    done('Applied. Save keeps it.');
  };
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>JSON model</h2>
        <span className="dim">{errors.length > 0 ? `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}` : changed ? 'Not applied yet' : 'In step with the dashboard'}</span>
        <Group gap="sm">
          <Button variant="default" disabled={'value' in parsed && !changed} onClick={() => setText(JSON.stringify(draft.dashboard, null, 2))}>
            Reset
          </Button>
          <Button disabled={errors.length > 0 || !changed} onClick={apply}>
            Apply
          </Button>
        </Group>
      </div>
      {problems.length > 0 && <ProblemList problems={problems} onGo={setGoTo} />}
      <div className={classes.editor}>
        <ConfigEditor language="json" value={text} onChange={setText} onRun={apply} label="The dashboard as JSON" marks={problems} goTo={goTo} />
      </div>
    </>
  );
}

/** What keeps the text from being applied: the place where it stops being JSON, or what of it is no dashboard. */
function errorsOf(text: string, parsed: ReturnType<typeof parseJson>): Problem[] {
  if ('problem' in parsed) return [{ ...parsed.problem, severity: 'error', key: 'json' }];
  return checkModel(parsed.value).map(({ message, path }) => ({ ...placeInJson(text, path), message, severity: 'error', key: path.join('/') + message }));
}

const noWarnings: Problem[] = [];

/** What the server says would not render, at the panel that it is about. */
function useWarnings(text: string, enabled: boolean): Problem[] {
  const [settled] = useDebouncedValue(text, 800);
  const query = useQuery({
    queryKey: ['dashboard-check', 'text', settled],
    queryFn: async ({ signal }) => (await checkDashboards([{ file: 'model', dashboard: JSON.parse(settled) as unknown }], signal))[0],
    enabled: enabled && settled === text,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  const { data } = query;
  return useMemo(() => {
    if (!enabled || data === undefined || settled !== text) return noWarnings;
    const model = JSON.parse(settled) as DashboardJson;
    const findings = (data.findings ?? []).slice(0, 50).map((one, index): Problem => ({ ...placeInJson(settled, pathOf(model, one.panel)), message: wordsOf(one), severity: 'warning', key: `finding ${index}` }));
    return data.error === undefined ? findings : [{ line: 1, column: 1, message: data.error, severity: 'warning', key: 'server' }, ...findings];
  }, [data, settled, text, enabled]);
}

function wordsOf({ title, what, why, do: advice }: Finding): string {
  return `${title ? `${title}: ` : ''}${[what, why, advice].filter(Boolean).join('; ')}`;
}

/** Where a panel stands in the model. */
function pathOf({ panels = [] }: DashboardJson, id: number | undefined): (string | number)[] {
  if (id === undefined) return [];
  for (const [index, panel] of panels.entries()) {
    if (panel.id === id) return ['panels', index];
    const inner = (panel.panels ?? []).findIndex((one: PanelJson) => one.id === id);
    if (inner !== -1) return ['panels', index, 'panels', inner];
  }
  return [];
}

const listed = 8;

function ProblemList({ problems, onGo }: { problems: readonly Problem[]; onGo: (place: { line: number; column: number }) => void }) {
  return (
    <ul className={classes.problems} aria-label="Problems">
      {problems.slice(0, listed).map(({ key, line, column, message, severity }) => (
        <li key={key} data-severity={severity}>
          <button type="button" className={classes.useLink} onClick={() => onGo({ line, column })}>
            Line {line}, column {column}
          </button>
          <span>{message}</span>
        </li>
      ))}
      {problems.length > listed && <li className="dim">and {problems.length - listed} more</li>}
    </ul>
  );
}
