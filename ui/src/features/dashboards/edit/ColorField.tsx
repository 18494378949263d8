import { Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { namedColors, paint } from '@/features/dashboards/edit/paint';
import classes from './color.module.css';

interface ColorFieldProps {
  label: string;
  value: string;
  onChange: (color: string) => void;
  hideLabel?: boolean;
}

/** A colour by Grafana's name, or any as #rrggbb. */
export function ColorField({ label, value, onChange, hideLabel = false }: ColorFieldProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} shadow="md" position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={classes.button} data-bare={hideLabel} aria-label={`${label}: ${value}`} aria-expanded={open} aria-haspopup="dialog" onClick={() => setOpen(!open)}>
          {!hideLabel && <span className={classes.label}>{label}</span>}
          <span className={classes.field}>
            <span className={classes.swatch} style={{ background: paint(value) }} />
            {!hideLabel && <span className={classes.name}>{value}</span>}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown p={10} aria-label={label}>
        <div className={classes.palette} role="group" aria-label="Colours">
          {namedColors.map((one) => (
            <button
              key={one.name}
              type="button"
              className={classes.choice}
              style={{ background: one.css }}
              aria-label={one.name}
              aria-pressed={one.name === value}
              title={one.name}
              onClick={() => {
                onChange(one.name);
                setOpen(false);
              }}
            />
          ))}
        </div>
        <div className={classes.more}>
          {['text', 'transparent'].map((one) => (
            <button key={one} type="button" className={classes.word} aria-pressed={one === value} onClick={() => onChange(one)}>
              {one}
            </button>
          ))}
          <input type="color" className={classes.native} aria-label="Any colour" value={/^#[0-9a-f]{6}$/i.test(value) ? value : '#5794f2'} onChange={(event) => onChange(event.currentTarget.value)} />
          <TextInput aria-label="Colour as text" w={104} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
