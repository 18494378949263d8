import type { Variable } from '@/features/dashboards/model/variables';

/** What is chosen, as an address says it: "var-name" -> values. A repetition's own value wins. */
export function chosenOf(variables: readonly Variable[], scoped: Readonly<Record<string, string>> = {}): Record<string, string[]> {
  return Object.fromEntries(
    variables
      .filter((one) => one.type !== 'constant' && (one.current.length > 0 || scoped[one.name] !== undefined))
      .map((one) => {
        const own = scoped[one.name];
        return [`var-${one.name}`, own === undefined ? [...one.current] : [own]];
      }),
  );
}
