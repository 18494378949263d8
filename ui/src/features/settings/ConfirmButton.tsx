import { Button, Popover } from '@mantine/core';
import { useState } from 'react';
import classes from './settings.module.css';

interface ConfirmButtonProps {
  label: string;
  question: string;
  onConfirm: () => void;
}

/** A button for what cannot be undone: it asks once. */
export function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="left" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="subtle" color="red" size="compact-xs" onClick={() => setOpen(!open)}>
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.row}>
          <span>{question}</span>
          <Button
            color="red"
            onClick={() => {
              setOpen(false);
              onConfirm();
            }}
          >
            {label}
          </Button>
          <Button variant="default" onClick={() => setOpen(false)}>
            Keep
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
