import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const frame = EditorView.theme({
  '&': { fontSize: '13px', backgroundColor: 'transparent', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { fontFamily: 'var(--font-mono)', padding: '6px 0', caretColor: 'var(--accent)' },
  '.cm-scroller': { lineHeight: '1.55', maxHeight: '180px', overflow: 'auto' },
  '.cm-line': { padding: '0 8px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--selected) !important' },
  '.cm-placeholder': { color: 'var(--text-faint)' },
  '& .cm-matchingBracket': { backgroundColor: 'transparent !important', outline: 'none' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected) !important' },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel-raised)', border: '1px solid var(--line-strong)', borderRadius: '6px',
    boxShadow: 'var(--shadow)', color: 'var(--text)', fontSize: '12.5px', overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', maxHeight: '260px', minWidth: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', display: 'flex', alignItems: 'center', gap: '6px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '600' },
  '.cm-completionDetail': { marginLeft: 'auto', paddingLeft: '14px', color: 'var(--text-faint)', fontStyle: 'normal', fontFamily: 'var(--font-ui)' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-completionInfo': { padding: '8px 10px', maxWidth: '340px', fontFamily: 'var(--font-ui)' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '3px solid var(--bad)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad) 1px', textUnderlineOffset: '3px' },
});

const colors = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.variableName)], color: 'var(--code-function)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.literal], color: 'var(--code-number)' },
  { tag: tags.labelName, color: 'var(--code-label)' },
  { tag: [tags.operator, tags.arithmeticOperator, tags.compareOperator], color: 'var(--text-dim)' },
  { tag: tags.comment, color: 'var(--text-faint)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

/** The editor's look, in the theme's own variables so that both schemes share it. */
export const editorTheme: Extension = [frame, syntaxHighlighting(colors)];
