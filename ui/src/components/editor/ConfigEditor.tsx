import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { searchKeymap } from '@codemirror/search';
import { EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { type ConfigLanguage, configLanguages } from '@/components/editor/configLanguages';
import { editorTheme } from '@/components/editor/editorTheme';

/** A mark at a place; line and column count from 1. */
export interface ConfigMark {
  line: number;
  column: number;
  message: string;
  severity: 'error' | 'warning';
}

interface ConfigEditorProps {
  language: ConfigLanguage;
  value: string;
  onChange: (value: string) => void;
  /** Ctrl-Enter or Cmd-Enter. */
  onRun: () => void;
  label: string;
  marks: readonly ConfigMark[];
  /** Goes to a line when its identity changes. */
  goTo: { line: number; column: number } | undefined;
}

const tall = EditorView.theme({
  '&': { height: '100%' },
  '.cm-scroller': { maxHeight: 'none !important' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-faint)', border: 'none', fontFamily: 'var(--font-mono)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 8px', minWidth: '28px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn) 1px', textUnderlineOffset: '3px' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
});

function offset(state: EditorState, line: number, column: number): number {
  const at = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  return Math.min(at.from + Math.max(column - 1, 0), at.to);
}

/** The word or sign that a mark stands at, so that there is something to underline. */
function diagnostics(state: EditorState, marks: readonly ConfigMark[]): Diagnostic[] {
  return marks.map(({ line, column, message, severity }) => {
    const from = offset(state, line, column);
    const word = state.wordAt(from);
    const to = Math.max(word?.to ?? from + 1, from);
    return { from, to: Math.min(to, state.doc.length), message, severity };
  });
}

/** CodeMirror for a configuration file, with what is wrong marked where it is. */
export function ConfigEditor({ language, value, onChange, onRun, label, marks, goTo }: ConfigEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef({ onChange, onRun, value });
  useEffect(() => {
    latest.current = { onChange, onRun, value };
  });

  useEffect(() => {
    const parent = holder.current;
    if (parent === null) return undefined;
    const run = () => {
      latest.current.onRun();
      return true;
    };
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          keymap.of([...closeBracketsKeymap, ...historyKeymap, ...searchKeymap, ...defaultKeymap, indentWithTab]),
          lineNumbers(),
          lintGutter(),
          history(),
          bracketMatching(),
          closeBrackets(),
          indentUnit.of('  '),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
          editorTheme,
          tall,
          configLanguages[language],
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
  }, [language, label]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined) editor.dispatch(setDiagnostics(editor.state, diagnostics(editor.state, marks)));
  }, [marks, language]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || goTo === undefined) return;
    const at = offset(editor.state, goTo.line, goTo.column);
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
    editor.focus();
  }, [goTo]);

  return <div ref={holder} style={{ height: '100%', minHeight: 0 }} />;
}
