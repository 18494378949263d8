import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completionStatus } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder as placeholderText } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { editorTheme } from '@/components/editor/editorTheme';
import { logqlSupport } from '@/components/editor/logqlSupport';
import { luceneSupport } from '@/components/editor/luceneSupport';
import { promqlSupport } from '@/components/editor/promqlSupport';
import { traceqlSupport } from '@/components/editor/traceqlSupport';
import { variableMarks } from '@/components/editor/variableMarks';
import type { QueryEditorProps } from '@/components/editor/QueryEditor';

/** CodeMirror for one query. Enter runs it, Shift-Enter begins a line. */
export function CodeEditor({ language, value, onChange, onRun, label, placeholder, labelRange, base = '' }: QueryEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, onRun, labelRange, base, value });
  useEffect(() => {
    latest.current = { onChange, onRun, labelRange, base, value };
  });

  useEffect(() => {
    const parent = holder.current;
    if (parent === null) return undefined;
    const run = (editor: EditorView) => {
      latest.current.onRun(editor.state.doc.toString());
      return true;
    };
    const range = () => latest.current.labelRange ?? { from: Date.now() - 3_600_000, to: Date.now() };
    const path = () => latest.current.base;
    const support = () => {
      switch (language) {
        case 'promql':
          return promqlSupport();
        case 'logql':
          return logqlSupport(range);
        case 'traceql':
          return traceqlSupport(path);
        case 'lucene':
          return luceneSupport(path);
      }
    };
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Enter', run: (v) => (completionStatus(v.state) === 'active' ? acceptCompletion(v) || run(v) : run(v)) },
              { key: 'Mod-Enter', run },
              { key: 'Shift-Enter', run: insertNewlineAndIndent },
              { key: 'Tab', run: acceptCompletion },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false, maxRenderedOptions: 200 }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          placeholderText(placeholder ?? ''),
          editorTheme,
          variableMarks,
          support(),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [language, label, placeholder]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={holder} />;
}
