import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import type { Extension } from '@codemirror/state';

/** PromQL: highlighting, linting and completion from our own Prometheus API. */
export function promqlSupport(): Extension {
  return new PromQLExtension()
    .setComplete({
      maxMetricsMetadata: 5000,
      remote: {
        url: '',
        httpMethod: 'GET',
        fetchFn: (input, init) => fetch(input, { ...init, credentials: 'same-origin' }),
        cache: { maxAge: 60_000 },
      },
    })
    .asExtension();
}
