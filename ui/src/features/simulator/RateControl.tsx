import { NumberInput, Slider } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Notice } from '@/components/Notice';
import { Sparkline } from '@/components/Sparkline';
import { maxRate, positionOf, rateAt, sliderSteps } from '@/features/simulator/rateScale';
import { formatValue } from '@/lib/units';
import classes from './SimulatorPage.module.css';

const marks = [0, 10, 100, 1000, 5000].map((rate) => ({ value: positionOf(rate), label: rate === 1000 ? '1k' : rate === 5000 ? '5k' : String(rate) }));

interface RateControlProps {
  /** What is counted: "requests", "lines". */
  unit: string;
  /** What the slider is called. */
  label: string;
  target: number;
  current: number;
  history: readonly [number, number][];
  color: string;
  canEdit: boolean;
  onSet: (perSecond: number) => Promise<void>;
}

/** A rate as it is, as it was over the last two minutes, and as it shall be. */
export function RateControl({ unit, label, target, current, history, color, canEdit, onSet }: RateControlProps) {
  const change = useMutation({ mutationFn: onSet });
  const [position, setPosition] = useState(() => positionOf(target));
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    if (!dragging && !change.isPending) setPosition(positionOf(target));
  }, [target, dragging, change.isPending]);
  const set = (rate: number) => change.mutate(rate);
  const title = unit.charAt(0).toUpperCase() + unit.slice(1);
  return (
    <>
      <div className={classes.rate}>
        <span className={classes.rateValue}>{formatValue(current, 'short', 3)}</span>
        <span className="dim">{unit}/s</span>
        <span className={classes.rateTarget}>
          target{' '}
          <NumberInput aria-label={`${title} a second`} w={92} min={0} max={maxRate} value={dragging ? rateAt(position) : target} disabled={!canEdit} clampBehavior="strict" allowDecimal={false} onChange={(value) => typeof value === 'number' && value !== target && !dragging && set(value)} />
        </span>
      </div>
      <div className={classes.rateTrend}>
        <Sparkline points={history} color={color} height={76} label={`${title} a second over the last two minutes`} />
      </div>
      <Slider
        thumbLabel={label}
        min={0}
        max={sliderSteps}
        step={5}
        value={position}
        disabled={!canEdit}
        label={(value) => `${rateAt(value)}/s`}
        marks={marks}
        onChange={(value) => {
          setDragging(true);
          setPosition(value);
        }}
        onChangeEnd={(value) => {
          setDragging(false);
          set(rateAt(value));
        }}
        mt={10}
        mb={26}
        mx={8}
      />
      {change.isError && <Notice tone="bad" messages={[change.error.message]} />}
    </>
  );
}
