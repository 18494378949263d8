import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { TraceConditionRow } from '@/components/querybuilder/TraceConditionRow';
import type { TraceSource } from '@/components/querybuilder/TraceField';
import { isTraceText, renderGroup, type TraceCondition, type TraceGroup, type TraceItem } from '@/lib/traceqlBuilder';
import classes from './builder.module.css';

interface TraceConditionsProps {
  group: TraceGroup;
  source: TraceSource;
  depth?: number;
  onChange: (group: TraceGroup) => void;
}

const fresh: TraceCondition = { kind: 'condition', field: '', op: '=', quoted: true };
const deepest = 3;

/** The conditions on one span, of which all or any hold; groups in it have their own. */
export function TraceConditions({ group, source, depth = 0, onChange }: TraceConditionsProps) {
  const shown: TraceItem[] = group.items.length === 0 ? [fresh] : group.items;
  const set = (index: number, next: TraceItem) => onChange({ ...group, items: shown.map((one, at) => (at === index ? next : one)) });
  const remove = (index: number) => onChange({ ...group, items: shown.filter((_, at) => at !== index) });
  return (
    <div className={classes.matchers}>
      {shown.length > 1 && <Select w={96} aria-label="How many conditions hold" data={[{ value: '&&', label: 'all of' }, { value: '||', label: 'any of' }]} value={group.join} allowDeselect={false} onChange={(join) => onChange({ ...group, join: join === '||' ? '||' : '&&' })} />}
      {shown.map((item, index) => {
        if (item.kind === 'condition') return <TraceConditionRow key={index} condition={item} source={source} scope={scopeOf(group, index, depth)} onChange={(next) => set(index, next)} onRemove={() => remove(index)} />;
        if (item.kind === 'text') {
          return (
            <span key={index} className={classes.matcher}>
              <TextInput w={Math.min(360, 60 + item.text.length * 7)} aria-label="Condition as text" styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} value={item.text} error={!isTraceText(item.text)} title={isTraceText(item.text) ? undefined : 'This is no condition'} onChange={(event) => set(index, { kind: 'text', text: event.currentTarget.value })} />
              <RemoveButton label="Remove the condition" onClick={() => remove(index)} />
            </span>
          );
        }
        return (
          <div key={index} className={classes.group} role="group" aria-label="Group of conditions">
            <TraceConditions group={item} source={source} depth={depth + 1} onChange={(next) => set(index, next)} />
            <RemoveButton label="Remove the group" onClick={() => remove(index)} />
          </div>
        );
      })}
      <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...group, items: [...shown, fresh] })}>
        Condition
      </Button>
      {depth < deepest && (
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...group, items: [...shown, { kind: 'group', join: group.join === '&&' ? '||' : '&&', items: [fresh, fresh] }] })}>
          Group
        </Button>
      )}
    </div>
  );
}

/** What the other conditions leave, where all hold and no variable is in the way. */
function scopeOf(group: TraceGroup, index: number, depth: number): string | undefined {
  if (group.join !== '&&' || depth > 0) return undefined;
  const others = renderGroup({ ...group, items: group.items.filter((_, at) => at !== index) });
  return others === '' || /\$|\[\[/.test(others) ? undefined : `{ ${others} }`;
}

export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
      <IconX size={13} />
    </ActionIcon>
  );
}
