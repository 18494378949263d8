import { type Diagnostic, linter } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import type { Parser } from '@lezer/common';
import { maskVariables } from '@/lib/queryVariables';

/**
 * Marks where a query leaves its grammar. Grafana's variables are no mistake:
 * the grammar is asked about a text in which words of the same length stand for
 * them.
 */
export function syntaxLint(parser: Pick<Parser, 'parse'>, when: (text: string) => boolean = () => true): Extension {
  return linter((view) => {
    const text = view.state.doc.toString();
    if (text.trim() === '' || !when(text)) return [];
    const tree = parser.parse(maskVariables(text));
    const found: Diagnostic[] = [];
    tree.cursor().iterate((node) => {
      if (!node.type.isError || found.length > 0) return;
      const from = Math.min(node.from, Math.max(0, text.length - 1));
      const to = Math.min(text.length, Math.max(node.to, from + 1));
      const piece = text.slice(from, to).trim();
      found.push({ from, to, severity: 'error', message: node.from >= text.trimEnd().length || piece === '' ? 'The query is not complete' : `“${piece.slice(0, 40)}” does not belong here` });
    });
    return found;
  });
}
