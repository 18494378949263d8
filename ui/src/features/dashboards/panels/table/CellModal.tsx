import { Button, CopyButton, Modal } from '@mantine/core';
import { cellText, type Column } from '@/features/dashboards/panels/table/columns';
import classes from './table.module.css';

/** A cell's whole value. */
export function CellModal({ column, row, onClose }: { column: Column; row: number; onClose: () => void }) {
  const text = wholeValue(column, row);
  return (
    <Modal opened onClose={onClose} title={column.name} size="lg">
      <pre className={classes.whole}>{text}</pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Modal>
  );
}

function wholeValue({ field }: Column, row: number): string {
  const value: unknown = field.values[row];
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, (key, inner: unknown) => (key === 'display' || key === 'state' ? undefined : inner), 2);
  if (typeof value !== 'string') return cellText(field, row);
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? JSON.stringify(parsed, null, 2) : value;
  } catch {
    return value;
  }
}
