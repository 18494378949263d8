import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { IconButton, replaced } from '@/features/dashboards/edit/fields';
import { describeMetric, type ElasticMetric } from '@/features/dashboards/edit/panel/elasticModel';
import classes from './panel.module.css';

interface BucketScriptProps {
  metric: ElasticMetric;
  sources: readonly ElasticMetric[];
  onChange: (metric: ElasticMetric) => void;
}

/** The metrics that a script reads, by the names that it gives them. */
export function BucketScript({ metric, sources, onChange }: BucketScriptProps) {
  const variables = metric.pipelineVariables ?? [];
  const set = (next: typeof variables) => onChange({ ...metric, pipelineVariables: next });
  return (
    <>
      {variables.map((variable, index) => (
        <span key={index} className={classes.pair} role="group" aria-label={`Variable ${index + 1}`}>
          <TextInput label="Variable" value={variable.name} error={!/^[A-Za-z_]\w*$/.test(variable.name)} onChange={(event) => set(replaced(variables, index, { ...variable, name: event.currentTarget.value.trim() }))} />
          <Select label="is" data={sources.map((one) => ({ value: one.id, label: describeMetric(one) }))} value={variable.pipelineAgg || null} error={!sources.some((one) => one.id === variable.pipelineAgg)} allowDeselect={false} onChange={(id) => id !== null && set(replaced(variables, index, { ...variable, pipelineAgg: id }))} />
          {variables.length > 1 && <IconButton label={`Remove variable ${variable.name}`} icon={<IconTrash size={14} />} onClick={() => set(variables.filter((_, at) => at !== index))} />}
        </span>
      ))}
      <Button style={{ flex: 'none' }} variant="subtle" size="compact-xs" mb={4} leftSection={<IconPlus size={13} />} onClick={() => set([...variables, { name: freeName(variables), pipelineAgg: sources[0]?.id ?? '' }])}>
        Variable
      </Button>
    </>
  );
}

/** var1, var2 …: the first that is free. */
function freeName(variables: readonly { name: string }[]): string {
  const taken = new Set(variables.map(({ name }) => name));
  let n = 1;
  while (taken.has(`var${n}`)) n++;
  return `var${n}`;
}
