import { Autocomplete } from '@mantine/core';
import { isTraceField } from '@/lib/traceqlBuilder';

/** What the fields of a builder are completed from. */
export interface TraceSource {
  /** Attributes with their scope, and intrinsics. */
  names: readonly string[];
  /** The path before the server's Tempo API: that of an outside data source. */
  base: string;
}

interface TraceFieldProps {
  source: TraceSource;
  label: string;
  value: string;
  onChange: (field: string) => void;
}

/** A field of spans, completed from what there is. */
export function TraceField({ source, label, value, onChange }: TraceFieldProps) {
  const wrong = value !== '' && !isTraceField(value);
  return <Autocomplete size="xs" w={Math.min(300, Math.max(150, 44 + value.length * 7))} aria-label={label} placeholder="field" data={[...source.names]} limit={80} value={value} error={wrong} title={wrong ? 'Begin with span., resource. or a dot: span.http.route' : value} comboboxProps={{ width: 'max-content', position: 'bottom-start' }} onChange={onChange} />;
}
