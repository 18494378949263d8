import { Menu } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { type Column, maxWidth, minWidth, moveColumn, resizeColumn, toggleColumn } from './columns';
import classes from './LogTable.module.css';

interface TableHeadProps {
  columns: readonly Column[];
  onColumns: (columns: Column[]) => void;
}

/** The columns' names. Each can be dragged to another place, made wider, or removed; by keyboard through its menu. */
export function TableHead({ columns, onColumns }: TableHeadProps) {
  const [dragged, setDragged] = useState<string>();
  return (
    <div className={classes.head}>
      <span>Time</span>
      <span>Level</span>
      {columns.map((column, index) => (
        <div
          key={column.name}
          className={classes.column}
          draggable
          data-dragged={dragged === column.name}
          onDragStart={(event) => {
            setDragged(column.name);
            event.dataTransfer.effectAllowed = 'move';
          }}
          onDragEnd={() => setDragged(undefined)}
          onDragOver={(event) => dragged !== undefined && event.preventDefault()}
          onDrop={() => {
            if (dragged === undefined) return;
            onColumns(moveColumn(columns, dragged, index - columns.findIndex((one) => one.name === dragged)));
            setDragged(undefined);
          }}
        >
          <ColumnMenu column={column} columns={columns} onColumns={onColumns} />
          <Resizer column={column} onWidth={(width) => onColumns(resizeColumn(columns, column.name, width))} />
        </div>
      ))}
      <span>Message</span>
    </div>
  );
}

function ColumnMenu({ column, columns, onColumns }: TableHeadProps & { column: Column }) {
  return (
    <Menu position="bottom-start" shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.name} title={column.name}>
          {column.name}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconArrowLeft size={14} />} onClick={() => onColumns(moveColumn(columns, column.name, -1))}>
          Move left
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowRight size={14} />} onClick={() => onColumns(moveColumn(columns, column.name, 1))}>
          Move right
        </Menu.Item>
        <Menu.Item leftSection={<IconX size={14} />} onClick={() => onColumns(toggleColumn(columns, column.name))}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const step = 20;

/** The edge that is dragged, or moved with the arrow keys. The width is written once the pointer is up. */
function Resizer({ column, onWidth }: { column: Column; onWidth: (width: number) => void }) {
  const begin = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    const from = event.clientX;
    handle.setPointerCapture(event.pointerId);
    const end = (up: globalThis.PointerEvent) => {
      handle.removeEventListener('pointerup', end);
      onWidth(column.width + up.clientX - from);
    };
    handle.addEventListener('pointerup', end);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    onWidth(column.width + (event.key === 'ArrowLeft' ? -step : step));
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${column.name}`}
      aria-valuenow={column.width}
      aria-valuemin={minWidth}
      aria-valuemax={maxWidth}
      tabIndex={0}
      className={classes.resizer}
      draggable
      onDragStart={(event) => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown={begin}
      onKeyDown={onKeyDown}
    />
  );
}
