import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { parser } from '@prometheus-io/lezer-promql';
import type { Extension } from '@codemirror/state';
import { syntaxLint } from '@/components/editor/syntaxLint';
import { hasVariables } from '@/lib/queryVariables';

/** PromQL: highlighting, linting and completion from our own Prometheus API. */
export function promqlSupport(): Extension {
  const extension = new PromQLExtension().setComplete({
    maxMetricsMetadata: 5000,
    remote: {
      url: '',
      httpMethod: 'GET',
      fetchFn: (input, init) => fetch(input, { ...init, credentials: 'same-origin' }),
      cache: { maxAge: 60_000 },
    },
  });
  const full = extension.getLinter().promQL();
  // Types cannot be checked where Grafana's variables stand; the grammar can.
  extension.setLinter({ promQL: () => (view) => (hasVariables(view.state.doc.toString()) ? [] : full(view)) });
  return [extension.asExtension(), syntaxLint(parser, hasVariables)];
}
