import { json } from '@/components/editor/jsonLanguage';
import { MergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { useEffect, useMemo, useRef } from 'react';
import { editorTheme } from '@/components/editor/editorTheme';
import { sorted } from '@/features/dashboards/edit/changes';
import classes from './history.module.css';

interface JsonDiffProps {
  before: unknown;
  after: unknown;
  beforeLabel: string;
  afterLabel: string;
}

const look: Extension = [
  editorTheme,
  json(),
  lineNumbers(),
  EditorView.lineWrapping,
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.theme({ '&': { fontSize: '12px' }, '.cm-scroller': { maxHeight: 'none !important', fontFamily: 'var(--font-mono)' }, '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-faint)', border: 'none' } }),
];

/** Two JSON values side by side; what is equal is folded. Keys are sorted, so that only changes differ. */
export function JsonDiff({ before, after, beforeLabel, afterLabel }: JsonDiffProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [a, b] = useMemo(() => [text(before), text(after)], [before, after]);
  useEffect(() => {
    const parent = holder.current;
    if (parent === null) return undefined;
    const view = new MergeView({
      parent,
      a: { doc: a, extensions: [look, EditorView.contentAttributes.of({ 'aria-label': beforeLabel })] },
      b: { doc: b, extensions: [look, EditorView.contentAttributes.of({ 'aria-label': afterLabel })] },
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
      diffConfig: { scanLimit: 2000, timeout: 2000 },
    });
    return () => view.destroy();
  }, [a, b, beforeLabel, afterLabel]);
  if (a === b) return <p className="dim">No difference.</p>;
  return (
    <div className={classes.diff}>
      <div className={classes.diffHead}>
        <span>{beforeLabel}</span>
        <span>{afterLabel}</span>
      </div>
      <div ref={holder} className={classes.diffBody} tabIndex={0} role="group" aria-label={`${beforeLabel} and ${afterLabel} side by side`} />
    </div>
  );
}

function text(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2) ?? '';
}
