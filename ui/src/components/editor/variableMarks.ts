import { type Extension, Prec } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from '@codemirror/view';

const marks = new MatchDecorator({ regexp: /\$\{[^}]+\}|\$\w+|\[\[\w+(?::\w+)?\]\]/g, decoration: Decoration.mark({ class: 'cm-variable' }) });

const plugin = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = marks.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = marks.updateDeco(update, this.decorations);
    }
  },
  { decorations: (value) => value.decorations },
);

const look = EditorView.theme({ '.cm-variable, .cm-variable *': { color: 'var(--code-keyword) !important' } });

/** Dashboards' variables in a query, which no query language's grammar knows. */
export const variableMarks: Extension = [Prec.lowest(plugin), look];
