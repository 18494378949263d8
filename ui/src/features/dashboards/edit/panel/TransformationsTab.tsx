import { Button, Modal, TextInput } from '@mantine/core';
import { type DataFrame, standardTransformers } from '@grafana/data';
import { IconEye, IconEyeOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { EmptyState } from '@/components/EmptyState';
import { IconButton, moved, OrderButtons, replaced } from '@/features/dashboards/edit/fields';
import { JsonField } from '@/features/dashboards/edit/panel/JsonField';
import { TransformForm } from '@/features/dashboards/edit/panel/TransformForm';
import { transformForms } from '@/features/dashboards/edit/panel/transformForms';
import type { PanelJson, TransformationJson } from '@/features/dashboards/model/types';
import classes from './panel.module.css';

interface TransformationsTabProps {
  panel: PanelJson;
  /** What the whole chain gives: names to choose from. */
  frames: readonly DataFrame[];
  onChange: (change: (panel: PanelJson) => PanelJson, kind?: string) => void;
}

interface Known {
  id: string;
  name: string;
  text: string;
}

/** What turns the answers into what is drawn, step by step. */
export function TransformationsTab({ panel, frames, onChange }: TransformationsTabProps) {
  const steps = panel.transformations ?? [];
  const [adding, setAdding] = useState(false);
  const known = useMemo(knownTransformations, []);
  const set = (next: TransformationJson[], kind?: string) => onChange((now) => ({ ...now, transformations: next }), kind);
  const add = (id: string) => {
    set([...steps, { id, options: structuredClone(transformForms[id]?.start ?? {}) }]);
    setAdding(false);
  };
  return (
    <>
      {steps.length === 0 && <EmptyState title="No transformations" action={<Button onClick={() => setAdding(true)}>Add a transformation</Button>}>Join answers, rename and hide fields, calculate, group, sort: before the panel draws.</EmptyState>}
      {steps.map((step, index) => {
        const one = known.find((entry) => entry.id === step.id);
        const form = transformForms[step.id];
        const change = (options: Record<string, unknown>) => set(replaced(steps, index, { ...step, options }), `transformation/${index}`);
        return (
          <section key={index} className={classes.step} aria-label={`Transformation ${index + 1}`}>
            <header className={classes.stepHead}>
              <span className="faint num">{index + 1}</span>
              {one?.name ?? step.id}
              <OrderButtons what={`transformation ${index + 1}`} index={index} count={steps.length} onMove={(to) => set(moved(steps, index, to))} onRemove={() => set(steps.filter((_, at) => at !== index))}>
                <IconButton label={step.disabled === true ? 'Switch on' : 'Switch off'} pressed={step.disabled === true} icon={step.disabled === true ? <IconEyeOff size={14} /> : <IconEye size={14} />} onClick={() => set(replaced(steps, index, { ...step, disabled: step.disabled !== true }))} />
              </OrderButtons>
            </header>
            <div className={classes.stepBody}>
              {one !== undefined && <p className={classes.stepText}>{one.text}</p>}
              {form === undefined ? <JsonField label={`Options of transformation ${index + 1}`} value={step.options ?? {}} onChange={change} /> : <TransformForm form={form} options={step.options ?? {}} frames={frames} refIds={(panel.targets ?? []).map((target) => target.refId ?? 'A')} onChange={change} />}
            </div>
          </section>
        );
      })}
      {steps.length > 0 && (
        <Button variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: 'flex-start' }} onClick={() => setAdding(true)}>
          Add a transformation
        </Button>
      )}
      {adding && <AddModal known={known} onAdd={add} onClose={() => setAdding(false)} />}
    </>
  );
}

function knownTransformations(): Known[] {
  const all = new Map(Object.values(standardTransformers).map((one) => [one.id, one]));
  all.delete('noop');
  return [...all.values()].map((one) => ({ id: one.id, name: one.name, text: one.description ?? '' })).sort((a, b) => a.name.localeCompare(b.name));
}

function AddModal({ known, onAdd, onClose }: { known: readonly Known[]; onAdd: (id: string) => void; onClose: () => void }) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = known.filter((one) => words.every((word) => `${one.name} ${one.text} ${one.id}`.toLowerCase().includes(word)));
  return (
    <Modal opened onClose={onClose} title="Add a transformation" size="xl">
      <TextInput leftSection={<IconSearch size={13} />} placeholder="Search" aria-label="Search transformations" value={text} data-autofocus mb={10} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => event.key === 'Enter' && found[0] !== undefined && onAdd(found[0].id)} />
      <div className={classes.addList}>
        {found.map((one) => (
          <button key={one.id} type="button" className={classes.addItem} onClick={() => onAdd(one.id)}>
            <strong>{one.name}</strong>
            <span>{one.text}</span>
          </button>
        ))}
        {found.length === 0 && <p className="dim">None is named like this.</p>}
      </div>
    </Modal>
  );
}
