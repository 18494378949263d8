import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { RemoveButton, TraceConditions } from '@/components/querybuilder/TraceConditions';
import type { TraceSource } from '@/components/querybuilder/TraceField';
import { emptyGroup, type TracePart, traceRelations, type TraceSpans } from '@/lib/traceqlBuilder';
import { traceqlProblem } from '@/lib/traceql';
import classes from './builder.module.css';

interface TraceSpansProps {
  spans: TraceSpans;
  source: TraceSource;
  onChange: (spans: TraceSpans) => void;
}

/** Spans by their conditions, and how they relate to others of their trace. */
export function TraceSpansParts({ spans, source, onChange }: TraceSpansProps) {
  const { first, rest } = spans;
  return (
    <>
      <Part part={first} source={source} onChange={(next) => onChange({ ...spans, first: next })} />
      {rest.map(({ op, part }, index) => (
        <div key={index} className={classes.other} role="group" aria-label={`Related spans ${index + 1}`}>
          <div className={classes.otherHead}>
            <strong>{op}</strong>
            <Select w={214} aria-label={`How related spans ${index + 1} relate`} data={[...traceRelations]} value={op} allowDeselect={false} onChange={(next) => next !== null && onChange({ ...spans, rest: rest.map((one, at) => (at === index ? { ...one, op: next } : one)) })} />
            <span style={{ marginLeft: 'auto' }}>
              <RemoveButton label={`Remove related spans ${index + 1}`} onClick={() => onChange({ ...spans, rest: rest.filter((_, at) => at !== index) })} />
            </span>
          </div>
          <div className={classes.nested}>
            <Part part={part} source={source} onChange={(next) => onChange({ ...spans, rest: rest.map((one, at) => (at === index ? { ...one, part: next } : one)) })} />
          </div>
        </div>
      ))}
      <div>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => onChange({ ...spans, rest: [...rest, { op: '>>', part: { kind: 'filter', where: emptyGroup() } }] })}>
          Related spans
        </Button>
      </div>
    </>
  );
}

function Part({ part, source, onChange }: { part: TracePart; source: TraceSource; onChange: (part: TracePart) => void }) {
  if (part.kind === 'filter') return <TraceConditions group={part.where} source={source} onChange={(where) => onChange({ kind: 'filter', where })} />;
  if (part.kind === 'chain') {
    return (
      <div className={classes.nested} role="group" aria-label="Spansets in parentheses">
        <TraceSpansParts spans={part.spans} source={source} onChange={(spans) => onChange({ kind: 'chain', spans })} />
      </div>
    );
  }
  const problem = traceqlProblem(part.text)?.message;
  return <TextInput aria-label="Spanset as text" styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} value={part.text} error={problem} onChange={(event) => onChange({ kind: 'text', text: event.currentTarget.value })} />;
}
