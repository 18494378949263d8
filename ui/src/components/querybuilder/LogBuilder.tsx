import { ActionIcon, Button, Menu, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { MatcherRow } from '@/components/querybuilder/MatcherRow';
import { OperationList } from '@/components/querybuilder/OperationList';
import { Refused } from '@/components/querybuilder/PromBuilder';
import { useVisual } from '@/components/querybuilder/useVisual';
import { type LogStage, type LogVisual, logOperations, needsUnwrap, parseLogql, renderLogql } from '@/lib/logqlBuilder';
import { renderMatchers } from '@/lib/promqlBuilder';
import classes from './builder.module.css';

interface LogBuilderProps {
  value: string;
  range: { from: number; to: number };
  onChange: (query: string) => void;
}

/** Writes LogQL for people who do not know it: streams, what lines hold, parsers, fields, counts over time. */
export function LogBuilder({ value, range, onChange }: LogBuilderProps) {
  const { result, change } = useVisual(value, parseLogql, renderLogql, onChange);
  const labels = useQuery({ queryKey: ['label-names', 'loki'], queryFn: ({ signal }) => logLabelNames(range.from, range.to, signal), staleTime: 60_000, retry: false });
  if (!('visual' in result)) return <Refused reason={result.reason} query={value} />;
  const { visual } = result;
  const { matchers, stages, operations } = visual;
  const set = (part: Partial<LogVisual>) => change({ ...visual, ...part });
  const shown = matchers.length === 0 ? [{ name: '', op: '=' as const, value: '' }] : matchers;
  const hungry = operations.some((one) => needsUnwrap.has(one.id)) && !stages.some((one) => one.kind === 'unwrap' || (one.kind === 'raw' && one.text.includes('unwrap')));
  return (
    <div className={classes.builder}>
      <div>
        <p className={classes.title}>Streams</p>
        <div className={classes.matchers}>
          {shown.map((matcher, index) => {
            const others = matchers.filter((one, at) => at !== index && one.name !== '' && one.value !== '' && !one.value.includes('$'));
            const scope = renderMatchers(others);
            return <MatcherRow key={index} matcher={matcher} labels={labels.data ?? []} scope={`loki/${scope}`} loadValues={(label, signal) => logLabelValues(label, range.from, range.to, scope === '' ? undefined : scope, signal)} onChange={(next) => set({ matchers: shown.map((one, at) => (at === index ? next : one)) })} onRemove={() => set({ matchers: shown.filter((_, at) => at !== index) })} />;
          })}
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => set({ matchers: [...shown, { name: '', op: '=', value: '' }] })}>
            Filter
          </Button>
        </div>
      </div>
      <div>
        <p className={classes.title}>Lines</p>
        <div className={classes.matchers}>
          {stages.map((stage, index) => (
            <StageChip key={index} stage={stage} onChange={(next) => set({ stages: stages.map((one, at) => (at === index ? next : one)) })} onRemove={() => set({ stages: stages.filter((_, at) => at !== index) })} />
          ))}
          <StageMenu onAdd={(stage) => set({ stages: [...stages, stage] })} />
        </div>
      </div>
      <OperationList operations={operations} definitions={logOperations} labels={labels.data ?? []} onChange={(next) => set({ operations: next })} />
      {hungry && <p className={classes.refused}>This operation calculates with a number: add “Number from a field”.</p>}
      {value !== '' && <pre className={classes.text}>{value}</pre>}
    </div>
  );
}

function StageMenu({ onAdd }: { onAdd: (stage: LogStage) => void }) {
  const items: [string, LogStage][] = [
    ['Line contains', { kind: 'line', op: '|=', text: '' }],
    ['Line does not contain', { kind: 'line', op: '!=', text: '' }],
    ['Line matches', { kind: 'line', op: '|~', text: '' }],
    ['Parse JSON', { kind: 'parser', name: 'json', pattern: '' }],
    ['Parse logfmt', { kind: 'parser', name: 'logfmt', pattern: '' }],
    ['Parse by a pattern', { kind: 'parser', name: 'pattern', pattern: '<_> <level> <_>' }],
    ['Parse by a regular expression', { kind: 'parser', name: 'regexp', pattern: '(?P<level>\\w+)' }],
    ['Field is', { kind: 'field', name: 'level', op: '=', value: 'error' }],
    ['Number from a field', { kind: 'unwrap', label: 'duration', conversion: '' }],
  ];
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />}>
          Step
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map(([label, stage]) => (
          <Menu.Item key={label} onClick={() => onAdd(stage)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const lineOps = [
  { value: '|=', label: 'contains' },
  { value: '!=', label: 'contains not' },
  { value: '|~', label: 'matches' },
  { value: '!~', label: 'matches not' },
];

function StageChip({ stage, onChange, onRemove }: { stage: LogStage; onChange: (stage: LogStage) => void; onRemove: () => void }) {
  return (
    <span className={classes.matcher}>
      {stage.kind === 'line' && (
        <>
          <Select w={116} aria-label="Line" data={lineOps} value={stage.op} allowDeselect={false} onChange={(op) => onChange({ ...stage, op: (op ?? '|=') as '|=' })} />
          <TextInput w={180} aria-label="Text" placeholder="text" value={stage.text} onChange={(event) => onChange({ ...stage, text: event.currentTarget.value })} />
        </>
      )}
      {stage.kind === 'parser' && (
        <>
          <span style={{ padding: '0 8px', fontSize: 12.5 }}>parse {stage.name}</span>
          {(stage.name === 'pattern' || stage.name === 'regexp') && <TextInput w={220} aria-label="Pattern" value={stage.pattern} onChange={(event) => onChange({ ...stage, pattern: event.currentTarget.value })} />}
        </>
      )}
      {stage.kind === 'field' && (
        <>
          <TextInput w={110} aria-label="Field" placeholder="field" value={stage.name} onChange={(event) => onChange({ ...stage, name: event.currentTarget.value.replace(/\W/g, '_') })} />
          <Select w={64} aria-label="Operator" data={['=', '!=', '=~', '!~', '>', '>=', '<', '<=']} value={stage.op} allowDeselect={false} onChange={(op) => onChange({ ...stage, op: (op ?? '=') as '=' })} />
          <TextInput w={110} aria-label="Value of the field" placeholder="value" value={stage.value} onChange={(event) => onChange({ ...stage, value: event.currentTarget.value })} />
        </>
      )}
      {stage.kind === 'unwrap' && (
        <>
          <span style={{ padding: '0 4px 0 8px', fontSize: 12.5 }}>number from</span>
          <TextInput w={110} aria-label="Field with the number" value={stage.label} onChange={(event) => onChange({ ...stage, label: event.currentTarget.value.replace(/\W/g, '_') })} />
          <Select w={120} aria-label="Written as" data={[{ value: 'plain', label: 'a number' }, { value: 'duration', label: 'a duration' }, { value: 'bytes', label: 'bytes' }]} value={stage.conversion === '' ? 'plain' : stage.conversion.replace('_seconds', '')} allowDeselect={false} onChange={(next) => onChange({ ...stage, conversion: next === 'duration' || next === 'bytes' ? next : '' })} />
        </>
      )}
      {stage.kind === 'raw' && <code style={{ padding: '0 8px', fontSize: 12 }}>{stage.text}</code>}
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Remove the step" onClick={onRemove}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
