import { ActionIcon, Button, Menu, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { logLabelNames, logLabelValues } from '@/api/loki';
import { MatcherRow } from '@/components/querybuilder/MatcherRow';
import { OperationList } from '@/components/querybuilder/OperationList';
import { Refused } from '@/components/querybuilder/Refused';
import { useVisual } from '@/components/querybuilder/useVisual';
import { type LogStage, type LogVisual, logOperation, logOperations, needsUnwrap, renderLogql } from '@/lib/logqlBuilder';
import { parseLogql } from '@/lib/logqlReader';
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
  if (!('visual' in result)) return <Refused {...result} query={value} />;
  return (
    <div className={classes.builder}>
      <LogParts visual={result.visual} range={range} onChange={change} />
      {value !== '' && <pre className={classes.text}>{value}</pre>}
    </div>
  );
}

const emptyOther: LogVisual = { matchers: [], stages: [], operations: [] };

/** The parts of one query; that on the other side of arithmetic has the same. */
function LogParts({ visual, range, nested = false, onChange }: { visual: LogVisual; range: { from: number; to: number }; nested?: boolean; onChange: (next: LogVisual) => void }) {
  const labels = useQuery({ queryKey: ['label-names', 'loki'], queryFn: ({ signal }) => logLabelNames(range.from, range.to, signal), staleTime: 60_000, retry: false });
  const { matchers, stages, operations } = visual;
  const set = (part: Partial<LogVisual>) => onChange({ ...visual, ...part });
  const shown = matchers.length === 0 ? [{ name: '', op: '=' as const, value: '' }] : matchers;
  const hungry = operations.some((one) => needsUnwrap.has(one.id)) && !stages.some((one) => one.kind === 'unwrap' || (one.kind === 'raw' && one.text.includes('unwrap')));
  const counted = operations.length > 0;
  return (
    <div className={nested ? classes.nested : classes.builder}>
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
      <OperationList
        operations={operations}
        definitions={logOperations}
        labels={labels.data ?? []}
        onChange={(next) => set({ operations: next })}
        emptyOther={emptyOther}
        renderOther={(other, change) => <LogParts nested visual={other as LogVisual} range={range} onChange={change} />}
      />
      {counted && (visual.offset !== undefined || !nested) && <TextInput w={110} label="Offset" placeholder="none" value={visual.offset ?? ''} onChange={(event) => set({ offset: event.currentTarget.value.trim() })} />}
      {hungry && <p className={classes.refused}>This operation calculates with a number: add “Number from a field”.</p>}
      {counted && !operations.some((one) => logOperation(one.id)?.range === true) && <p className={classes.refused}>Lines are counted over a range first: add an operation such as count_over_time.</p>}
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
    ['Unpack', { kind: 'parser', name: 'unpack', pattern: '' }],
    ['Parse by a pattern', { kind: 'parser', name: 'pattern', pattern: '<_> <level> <_>' }],
    ['Parse by a regular expression', { kind: 'parser', name: 'regexp', pattern: '(?P<level>\\w+)' }],
    ['Field is', { kind: 'field', name: 'level', op: '=', value: 'error' }],
    ['Leave out parse errors', { kind: 'field', name: '__error__', op: '=', value: '' }],
    ['Write the line anew', { kind: 'raw', text: '| line_format "{{.message}}"' }],
    ['Rename or make a label', { kind: 'raw', text: '| label_format level="{{.severity}}"' }],
    ['Keep only some labels', { kind: 'raw', text: '| keep level, service_name' }],
    ['Drop labels', { kind: 'raw', text: '| drop filename' }],
    ['Take colours out', { kind: 'raw', text: '| decolorize' }],
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

/** Why a step that is written as text is none. */
function stageProblem(text: string): string | undefined {
  const result = parseLogql(`{a="b"} ${text}`);
  return 'visual' in result ? undefined : 'This is no step';
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
      {stage.kind === 'raw' && <TextInput w={Math.min(420, 60 + stage.text.length * 7)} aria-label="Step as text" styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} value={stage.text} error={stageProblem(stage.text)} onChange={(event) => onChange({ ...stage, text: event.currentTarget.value })} />}
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Remove the step" onClick={onRemove}>
        <IconX size={13} />
      </ActionIcon>
    </span>
  );
}
