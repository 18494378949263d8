import type { DataFrame, Field } from '@grafana/data';

/** A frame's field of a name, whatever its case; a name that a transformation or an override gave counts too. */
export function fieldNamed(frame: DataFrame, name: string): Field | undefined {
  return frame.fields.find((field) => field.name.toLowerCase() === name) ?? frame.fields.find((field) => field.config.displayName?.toLowerCase() === name);
}
