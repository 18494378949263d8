import { Button, Group } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { ConfigEditor } from '@/components/editor/ConfigEditor';
import { checkModel } from '@/features/dashboards/edit/checkModel';
import { same } from '@/features/dashboards/edit/changes';
import type { Draft } from '@/features/dashboards/edit/useDraft';
import { done } from '@/features/dashboards/failed';
import type { DashboardJson } from '@/features/dashboards/model/types';
import { Notice } from '@/components/Notice';
import { parseJson } from '@/lib/jsonError';
import classes from './settings.module.css';

/** The whole model as text. It becomes the draft when it is JSON of a dashboard; until then it says what is wrong, and where. */
export function JsonSettings({ draft }: { draft: Draft }) {
  const [text, setText] = useState(() => JSON.stringify(draft.dashboard, null, 2));
  const [shown, setShown] = useState(draft.dashboard);
  const parsed = useMemo(() => parseJson(text), [text]);
  // Undo changes the draft under the text.
  useEffect(() => {
    if (shown === draft.dashboard) return;
    setShown(draft.dashboard);
    setText(JSON.stringify(draft.dashboard, null, 2));
  }, [draft.dashboard, shown]);
  const problems = 'value' in parsed ? checkModel(parsed.value) : [];
  const marks = useMemo(() => ('problem' in parsed ? [{ ...parsed.problem, severity: 'error' as const }] : []), [parsed]);
  const changed = 'value' in parsed && !same(parsed.value, draft.dashboard);
  const apply = () => {
    if (!('value' in parsed) || problems.length > 0 || !changed) return;
    const next = parsed.value as DashboardJson;
    setShown(next);
    draft.change(next);
    done('Applied. Save keeps it.');
  };
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.title}>JSON model</h2>
        <span className="dim">{'problem' in parsed ? `Line ${parsed.problem.line}: ${parsed.problem.message}` : changed ? 'Not applied yet' : 'In step with the dashboard'}</span>
        <Group gap="sm">
          <Button variant="default" disabled={'value' in parsed && !changed} onClick={() => setText(JSON.stringify(draft.dashboard, null, 2))}>
            Reset
          </Button>
          <Button disabled={'problem' in parsed || problems.length > 0 || !changed} onClick={apply}>
            Apply
          </Button>
        </Group>
      </div>
      <Notice tone="bad" messages={problems} />
      <div className={classes.editor}>
        <ConfigEditor language="json" value={text} onChange={setText} onRun={apply} label="The dashboard as JSON" marks={marks} goTo={undefined} />
      </div>
    </>
  );
}
