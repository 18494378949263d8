import { TextInput } from '@mantine/core';
import { IconHighlight, IconX } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { seriesColorCount } from '@/lib/color';
import classes from './LiveTailPage.module.css';

/** The background of the index-th highlight rule. */
export function markColor(index: number): string {
  return `color-mix(in srgb, var(--series-${(index % seriesColorCount) + 1}) 38%, transparent)`;
}

/** Texts to mark while lines go by. */
export function Marks({ marks, onChange }: { marks: readonly string[]; onChange: (marks: string[]) => void }) {
  const [text, setText] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    const added = text.trim();
    if (added !== '' && !marks.includes(added)) onChange([...marks, added]);
    setText('');
  };
  return (
    <div className={classes.marks}>
      <form onSubmit={add}>
        <TextInput aria-label="Highlight a text" placeholder="Highlight, Enter adds" leftSection={<IconHighlight size={14} />} w={180} value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </form>
      {marks.map((mark, index) => (
        <span key={mark} className={classes.mark} style={{ background: markColor(index) }}>
          {mark}
          <button type="button" aria-label={`No longer highlight ${mark}`} onClick={() => onChange(marks.filter((other) => other !== mark))}>
            <IconX size={12} />
          </button>
        </span>
      ))}
    </div>
  );
}
