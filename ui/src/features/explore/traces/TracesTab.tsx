export function TracesTab() {
  return null;
}
