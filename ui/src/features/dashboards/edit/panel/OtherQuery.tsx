import { Notice } from '@/components/Notice';
import { JsonField } from '@/features/dashboards/edit/panel/JsonField';
import type { TargetProps } from '@/features/dashboards/edit/panel/QueryRow';

/** A query of a source that has no form here: as JSON, kept as it is. */
export function OtherQuery({ target, datasource, set }: TargetProps) {
  const type = datasource?.type ?? target.datasource?.type ?? 'this type';
  return (
    <>
      <Notice messages={[`Queries of ${type} have no form. Their JSON can be edited and is kept for Grafana.`]} />
      <JsonField label={`JSON of query ${target.refId ?? ''}`} value={target} onChange={(next) => set(next as Record<string, unknown>)} />
    </>
  );
}
