import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './fields.module.css';

/** A heading over some fields. */
export function Group({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.group}>
      <header className={classes.groupHead}>
        <h3 className={classes.groupTitle}>{title}</h3>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Fields beside each other where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

interface OrderButtonsProps {
  what: string;
  index: number;
  count: number;
  onMove: (to: number) => void;
  onRemove: () => void;
  children?: ReactNode;
}

/** Up, down and away for one entry of a list. */
export function OrderButtons({ what, index, count, onMove, onRemove, children }: OrderButtonsProps) {
  return (
    <span className={classes.order}>
      {children}
      <IconButton label={`Move ${what} up`} disabled={index === 0} onClick={() => onMove(index - 1)} icon={<IconArrowUp size={14} />} />
      <IconButton label={`Move ${what} down`} disabled={index === count - 1} onClick={() => onMove(index + 1)} icon={<IconArrowDown size={14} />} />
      <IconButton label={`Remove ${what}`} onClick={onRemove} icon={<IconTrash size={14} />} />
    </span>
  );
}

export function IconButton({ label, icon, onClick, disabled = false, pressed }: { label: string; icon: ReactNode; onClick: () => void; disabled?: boolean; pressed?: boolean }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={pressed === true ? 'light' : 'subtle'} color={pressed === true ? undefined : 'gray'} size="sm" aria-label={label} aria-pressed={pressed} disabled={disabled} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

/** The list with one entry at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}

/** The list with one entry replaced. */
export function replaced<T>(list: readonly T[], index: number, value: T): T[] {
  return list.map((one, at) => (at === index ? value : one));
}
