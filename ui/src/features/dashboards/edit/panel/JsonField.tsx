import { lazy, Suspense, useMemo, useState } from 'react';
import { LoadingState } from '@/components/LoadingState';
import { same } from '@/features/dashboards/edit/changes';
import { parseJson } from '@/lib/jsonError';
import classes from './panel.module.css';

const ConfigEditor = lazy(async () => ({ default: (await import('@/components/editor/ConfigEditor')).ConfigEditor }));

interface JsonFieldProps {
  label: string;
  value: unknown;
  /** Called with an object whenever the text is one and differs. */
  onChange: (value: Record<string, unknown>) => void;
}

/** A JSON object as text; what is wrong in it is underlined, and nothing is taken over until it is right. */
export function JsonField({ label, value, onChange }: JsonFieldProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [seen, setSeen] = useState(value);
  const parsed = useMemo(() => parseJson(text), [text]);
  if (seen !== value) {
    setSeen(value);
    if (!('value' in parsed) || !same(parsed.value, value)) setText(JSON.stringify(value, null, 2));
  }
  const marks = useMemo(() => ('problem' in parsed ? [{ ...parsed.problem, severity: 'error' as const }] : []), [parsed]);
  const apply = (next: string) => {
    const result = parseJson(next);
    if ('value' in result && typeof result.value === 'object' && result.value !== null && !Array.isArray(result.value) && !same(result.value, value)) onChange(result.value as Record<string, unknown>);
  };
  return (
    <div className={classes.json} onBlur={() => apply(text)}>
      <Suspense fallback={<LoadingState label="Loading the editor" />}>
        <ConfigEditor language="json" label={label} value={text} onChange={setText} onRun={() => apply(text)} marks={marks} goTo={undefined} />
      </Suspense>
    </div>
  );
}
