import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { nameProblem } from '@/features/dashboards/edit/settings/variableModel';
import type { VariableUse } from '@/features/dashboards/edit/settings/variableUses';

interface VariableNameProps {
  name: string;
  others: readonly string[];
  uses: readonly VariableUse[];
  onRename: (to: string, withUses: boolean) => void;
}

/** A variable's name. It is taken when the field is left; where the variable is used, it asks first. */
export function VariableName({ name, others, uses, onRename }: VariableNameProps) {
  const [text, setText] = useState(name);
  const [asked, setAsked] = useState<string>();
  const problem = nameProblem(text, others);
  const commit = () => {
    if (text === name || asked !== undefined) return;
    if (problem !== undefined) setText(name);
    else if (uses.length === 0) onRename(text, false);
    else setAsked(text);
  };
  const answer = (to: string | undefined, withUses: boolean) => {
    setAsked(undefined);
    if (to === undefined) setText(name);
    else onRename(to, withUses);
  };
  const places = new Set(uses.map((one) => one.where)).size;
  return (
    <>
      <TextInput
        label="Name"
        value={text}
        error={problem}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key !== 'Escape' || text === name) return;
          event.stopPropagation();
          setText(name);
        }}
      />
      {asked !== undefined && (
        <Modal opened onClose={() => answer(undefined, false)} title={`Rename $${name} to $${asked}`} size="md">
          <p style={{ marginTop: 0 }}>
            {uses.length} {uses.length === 1 ? 'text refers' : 'texts refer'} to ${name}, in {places} {places === 1 ? 'place' : 'places'}: {[...new Set(uses.map((one) => one.where))].slice(0, 5).join(', ')}
            {places > 5 ? ` and ${places - 5} more` : ''}. Without the new name there, {uses.length === 1 ? 'it finds' : 'they find'} no variable.
          </p>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => answer(undefined, false)}>
              Keep ${name}
            </Button>
            <Button variant="default" onClick={() => answer(asked, false)}>
              Only the variable
            </Button>
            <Button data-autofocus onClick={() => answer(asked, true)}>
              Rename everywhere
            </Button>
          </Group>
        </Modal>
      )}
    </>
  );
}
