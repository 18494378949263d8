import type { Datasource } from '@/api/dashboards';
import { mixed } from '@/features/dashboards/model/datasources';
import type { DatasourceRef, PanelJson, TargetJson } from '@/features/dashboards/model/types';

/** The first letter (then AA, AB …) that no query has. */
export function nextRefId(targets: readonly TargetJson[]): string {
  const taken = new Set(targets.map((one) => one.refId));
  for (let n = 0; ; n++) {
    const id = letters(n);
    if (!taken.has(id)) return id;
  }
}

function letters(n: number): string {
  const last = String.fromCharCode(65 + (n % 26));
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last;
}

/** Keys that mean the same in every language. */
const common = new Set(['refId', 'hide', 'datasource', 'legendFormat', 'key']);

/**
 * The panel with another data source. Queries keep their text when the language
 * stays the same; of another language only their names are kept. With "mixed"
 * each query keeps the source that it had.
 */
export function withDatasource(panel: PanelJson, ref: DatasourceRef, datasources: readonly Datasource[]): PanelJson {
  const before = panel.datasource;
  const type = (one: DatasourceRef | null | undefined) => one?.type ?? datasources.find((source) => source.uid === one?.uid)?.type;
  const targets = (panel.targets ?? []).map((target): TargetJson => {
    if (ref.uid === mixed) return { ...target, datasource: target.datasource ?? before ?? null };
    const kept = type(target.datasource ?? before) === type(ref) ? target : (Object.fromEntries(Object.entries(target).filter(([key]) => common.has(key))) as TargetJson);
    return { ...kept, datasource: ref };
  });
  return { ...panel, datasource: ref.uid === mixed ? { type: 'datasource', uid: mixed } : ref, targets };
}
