import { type DataFrame, fieldReducers, FieldType, getFieldDisplayName } from '@grafana/data';

/** Grafana's calculations, by id and name. */
export function calculations(): { value: string; label: string }[] {
  return fieldReducers.list().map((one) => ({ value: one.id, label: one.name }));
}

/** The names by which fields of these frames can be chosen. */
export function fieldChoices(frames: readonly DataFrame[], numeric = false): string[] {
  const names = frames.flatMap((frame) => frame.fields.filter((field) => !numeric || field.type === FieldType.number).map((field) => getFieldDisplayName(field, frame, [...frames])));
  return [...new Set(names)].slice(0, 500);
}

/** The labels that fields carry. */
export function labelChoices(frames: readonly DataFrame[]): string[] {
  return [...new Set(frames.flatMap((frame) => frame.fields.flatMap((field) => Object.keys(field.labels ?? {}))))].sort();
}
