import { Button, CopyButton, Textarea, TextInput } from '@mantine/core';
import classes from './share.module.css';

/** A text to be copied. */
export function CopyField({ label, value, rows }: { label: string; value: string; rows?: number }) {
  const select = (event: { currentTarget: { select: () => void } }) => event.currentTarget.select();
  return (
    <div className={classes.copy}>
      {rows === undefined ? <TextInput label={label} readOnly value={value} onFocus={select} /> : <Textarea size="xs" label={label} readOnly value={value} rows={rows} onFocus={select} styles={{ input: { fontFamily: 'var(--font-mono)', fontSize: 12 } }} />}
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} miw={72}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
