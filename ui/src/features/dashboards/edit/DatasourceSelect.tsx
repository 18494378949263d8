import { Select } from '@mantine/core';
import type { Datasource } from '@/api/dashboards';
import { mixed } from '@/features/dashboards/model/datasources';
import type { DatasourceRef } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';

interface DatasourceSelectProps {
  label: string;
  hideLabel?: boolean;
  value: DatasourceRef | null | undefined;
  datasources: readonly Datasource[];
  /** Variables of data sources can be chosen too. */
  variables?: readonly Variable[];
  /** Offers Grafana's "mixed": each query its own. */
  allowMixed?: boolean;
  onChange: (ref: DatasourceRef) => void;
}

/** A choice of one data source, by uid or through a variable. */
export function DatasourceSelect({ label, hideLabel = false, value, datasources, variables = [], allowMixed = false, onChange }: DatasourceSelectProps) {
  const byVariable = variables.filter((one) => one.type === 'datasource');
  const data = [
    ...datasources.filter((one) => one.dialect !== 'alertmanager').map((one) => ({ value: one.uid, label: one.name })),
    ...byVariable.map((one) => ({ value: `\${${one.name}}`, label: `$${one.name}` })),
    ...(allowMixed ? [{ value: mixed, label: 'Mixed: each query its own' }] : []),
  ];
  const uid = value?.uid ?? datasources.find((one) => (value?.type === undefined ? one.default : one.type === value.type))?.uid ?? null;
  const named = uid === null ? undefined : (data.find((one) => one.value === uid) ?? data.find((one) => one.label === uid) ?? data.find((one) => one.value === uid.replace(/^\$(\w+)$/, '${$1}')));
  if (uid !== null && named === undefined) data.push({ value: uid, label: uid });
  return (
    <Select
      {...(hideLabel ? { 'aria-label': label } : { label })}
      data={data}
      value={named?.value ?? uid}
      allowDeselect={false}
      searchable={data.length > 8}
      onChange={(next) => {
        if (next === null) return;
        const source = datasources.find((one) => one.uid === next);
        const variable = byVariable.find((one) => `\${${one.name}}` === next);
        const type = source?.type ?? datasources.find((one) => one.uid === variable?.current[0])?.type ?? (next === mixed ? 'datasource' : undefined);
        onChange({ ...(type === undefined ? {} : { type }), uid: next });
      }}
    />
  );
}
