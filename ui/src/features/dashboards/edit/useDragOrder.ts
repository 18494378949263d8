import { type DragEvent, type KeyboardEvent, useState } from 'react';

/** What a row of a list gets to be put elsewhere by dragging it, or with Alt and an arrow key. */
export interface DragRow {
  draggable: true;
  'data-dragging': boolean;
  'data-drop': 'before' | 'after' | undefined;
  onDragStart: (event: DragEvent) => void;
  onDragOver: (event: DragEvent) => void;
  onDragEnd: () => void;
  onDrop: (event: DragEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** A list whose entries are reordered by mouse and keyboard. */
export function useDragOrder(count: number, onMove: (from: number, to: number) => void): (index: number) => DragRow {
  const [from, setFrom] = useState<number>();
  const [over, setOver] = useState<number>();
  const end = () => {
    setFrom(undefined);
    setOver(undefined);
  };
  return (index) => ({
    draggable: true,
    'data-dragging': from === index,
    'data-drop': over !== index || from === undefined || from === index ? undefined : index < from ? 'before' : 'after',
    onDragStart: (event) => {
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', String(index));
      setFrom(index);
    },
    onDragOver: (event) => {
      if (from === undefined) return;
      event.preventDefault();
      if (over !== index) setOver(index);
    },
    onDragEnd: end,
    onDrop: (event) => {
      event.preventDefault();
      if (from !== undefined && from !== index) onMove(from, index);
      end();
    },
    onKeyDown: (event) => {
      const to = event.key === 'ArrowUp' ? index - 1 : event.key === 'ArrowDown' ? index + 1 : undefined;
      if (!event.altKey || to === undefined || to < 0 || to >= count) return;
      event.preventDefault();
      event.stopPropagation();
      onMove(index, to);
      // The entry keeps the focus at its new place.
      const list = event.currentTarget.parentElement;
      requestAnimationFrame(() => list?.children[to]?.querySelector<HTMLElement>('button')?.focus());
    },
  });
}
