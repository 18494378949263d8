import { ActionIcon, Button } from '@mantine/core';
import { IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import type { FieldStat } from '@/lib/fieldStats';
import type { FilterOperator } from '@/lib/logql';
import type { ResolvedRange } from '@/lib/timeRange';
import { formatValue } from '@/lib/units';
import classes from './FieldsSidebar.module.css';
import { useTopValues } from './useTopValues';

interface FieldValuesProps {
  field: FieldStat;
  /** How many lines the sample has. */
  looked: number;
  query: string;
  range: ResolvedRange;
  onFilter: (field: FieldStat, operator: FilterOperator, value: string) => void;
  onPresent: (field: FieldStat) => void;
}

/** A field's most frequent values: over the range when the server could count them, else of the lines at hand. */
export function FieldValues({ field, looked, query, range, onFilter, onPresent }: FieldValuesProps) {
  const exact = useTopValues(query, field, range);
  const values = exact.data?.values ?? field.top;
  const total = exact.data?.total ?? field.rows;
  const basis = exact.data
    ? `${formatValue(total, 'short', 4)} lines of the range have it`
    : exact.isError
      ? `of the ${looked.toLocaleString('en')} lines at hand: too many values to count all`
      : `of the ${looked.toLocaleString('en')} lines at hand, counting all …`;
  return (
    <div className={classes.values}>
      {values.map(({ value, count }) => {
        const share = total === 0 ? 0 : (count / total) * 100;
        return (
          <div key={value} className={classes.value}>
            <div className={classes.valueText} title={value}>
              <span>{value === '' ? '(empty)' : value}</span>
              <span className="num faint" title={`${count.toLocaleString('en')} lines`}>
                {share < 0.1 ? '<0.1' : share.toFixed(share < 10 ? 1 : 0)} %
              </span>
            </div>
            <div className={classes.meter}>
              <div style={{ width: `${Math.min(100, share)}%` }} />
            </div>
            <div className={classes.valueTools}>
              <ActionIcon variant="subtle" size={20} aria-label={`Only lines where ${field.name} is ${value}`} onClick={() => onFilter(field, '=', value)}>
                <IconZoomIn size={13} />
              </ActionIcon>
              <ActionIcon variant="subtle" size={20} aria-label={`No lines where ${field.name} is ${value}`} onClick={() => onFilter(field, '!=', value)}>
                <IconZoomOut size={13} />
              </ActionIcon>
            </div>
          </div>
        );
      })}
      <div className={classes.basis}>
        <span>
          {field.distinct > values.length ? `${field.distinct.toLocaleString('en')}${field.distinct >= 2000 ? '+' : ''} values; ` : ''}
          {basis}
        </span>
        <Button variant="subtle" size="compact-xs" onClick={() => onPresent(field)}>
          Only lines that have it
        </Button>
      </div>
    </div>
  );
}
