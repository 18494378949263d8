import { Button, Modal } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import type { DataFrame } from '@grafana/data';
import { useState } from 'react';
import { panelTypeLabel, panelTypes } from '@/features/dashboards/edit/options/panelTypes';
import { suggestTypes } from '@/features/dashboards/edit/options/suggest';
import { dataPanels, plainPanels } from '@/features/dashboards/panels/registry';
import type { PanelJson } from '@/features/dashboards/model/types';
import classes from './options.module.css';

interface TypePickerProps {
  panel: PanelJson;
  frames: readonly DataFrame[];
  onType: (type: string) => void;
}

/** The kind of panel: those that suit the data first. */
export function TypePicker({ panel, frames, onType }: TypePickerProps) {
  const [open, setOpen] = useState(false);
  const drawn = panelTypes.filter(({ type }) => type in dataPanels || type in plainPanels);
  const suggested = suggestTypes(frames).filter((type) => drawn.some((one) => one.type === type));
  const choose = (type: string) => {
    onType(type);
    setOpen(false);
  };
  const button = (type: string, key: string) => {
    const kind = drawn.find((one) => one.type === type);
    return (
      kind !== undefined && (
        <button key={key} type="button" className={classes.type} aria-pressed={panel.type === type} onClick={() => choose(type)}>
          <span className={classes.typeName}>{kind.label}</span>
          <span className={classes.typeText}>{kind.text}</span>
        </button>
      )
    );
  };
  return (
    <>
      <Button variant="default" justify="space-between" rightSection={<IconChevronDown size={13} />} onClick={() => setOpen(true)} aria-haspopup="dialog">
        {panelTypeLabel(panel.type)}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title="Visualisation" size="lg">
        {suggested.length > 0 && (
          <>
            <p className={classes.suggested}>Suits these data</p>
            <div className={classes.types}>{suggested.map((type) => button(type, `s/${type}`))}</div>
            <p className={classes.suggested} style={{ marginTop: 12 }}>
              All
            </p>
          </>
        )}
        <div className={classes.types}>{drawn.map((one) => button(one.type, one.type))}</div>
      </Modal>
    </>
  );
}
