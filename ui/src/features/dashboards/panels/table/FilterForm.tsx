import { Button, Checkbox, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Column } from '@/features/dashboards/panels/table/columns';
import { distinctTexts } from '@/features/dashboards/panels/table/rows';
import classes from './table.module.css';

interface FilterFormProps {
  column: Column;
  chosen: ReadonlySet<string> | undefined;
  onApply: (texts: ReadonlySet<string> | undefined) => void;
}

const mostTexts = 5000;
const mostShown = 200;

/** The texts of a column to choose from. */
export function FilterForm({ column, chosen, onApply }: FilterFormProps) {
  const all = useMemo(() => distinctTexts(column, mostTexts), [column]);
  const [picked, setPicked] = useState<ReadonlySet<string>>(chosen ?? new Set());
  const [search, setSearch] = useState('');
  const found = all.filter((one) => one.text.toLowerCase().includes(search.toLowerCase()));
  const toggle = (text: string): void => setPicked(new Set(picked.has(text) ? [...picked].filter((one) => one !== text) : [...picked, text]));
  const everything = found.length > 0 && found.every((one) => picked.has(one.text));
  return (
    <form
      className={classes.filter}
      onSubmit={(event) => {
        event.preventDefault();
        onApply(picked.size === 0 ? undefined : picked);
      }}
    >
      <TextInput placeholder="Search values" aria-label={`Search values of ${column.name}`} value={search} onChange={(event) => setSearch(event.currentTarget.value)} data-autofocus />
      <Checkbox size="xs" label={`All ${found.length}`} checked={everything} onChange={() => setPicked(new Set(everything ? [...picked].filter((text) => !found.some((one) => one.text === text)) : [...picked, ...found.map((one) => one.text)]))} />
      <div className={classes.filterList}>
        {found.slice(0, mostShown).map(({ text, count }) => (
          <Checkbox
            key={text}
            size="xs"
            checked={picked.has(text)}
            onChange={() => toggle(text)}
            label={
              <>
                {text === '' ? <i>empty</i> : text} <span className="faint num">{count}</span>
              </>
            }
          />
        ))}
        {found.length > mostShown && <span className="faint">{found.length - mostShown} more: search for them</span>}
      </div>
      <div className={classes.filterFoot}>
        <Button type="submit" size="compact-xs">
          Apply
        </Button>
        <Button variant="default" size="compact-xs" onClick={() => onApply(undefined)}>
          Clear
        </Button>
      </div>
    </form>
  );
}
