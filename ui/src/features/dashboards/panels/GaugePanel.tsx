import { useMemo } from 'react';
import { Dial } from '@/features/dashboards/panels/gauge/Dial';
import { LinkArea } from '@/features/dashboards/panels/LinkArea';
import { Repeater } from '@/features/dashboards/panels/Repeater';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { reducedValues } from '@/features/dashboards/panels/values';
import classes from './gauge/gauge.module.css';

/** Dials between a minimum and a maximum, with the thresholds around them. */
export function GaugePanel({ panel, frames, theme, replace, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames, { theme, replace }), [panel, frames, theme, replace]);
  const { options } = panel;
  const manual = option(options, 'sizing', 'auto') === 'manual';
  const mode = option(options, 'textMode', 'auto');
  const names = mode === 'value_and_name' || mode === 'name' || (mode === 'auto' && (values.length > 1 || (panel.title ?? '').trim() === ''));
  const nameHeight = names ? 18 : 0;
  const sizes = objectOption(options, 'text');
  return (
    <Repeater
      count={values.length}
      width={width}
      height={height}
      orientation={option(options, 'orientation', 'auto')}
      grid
      minWidth={manual ? option(options, 'minVizWidth', 75) : 64}
      minHeight={manual ? option(options, 'minVizHeight', 75) : 56}
      gap={8}
    >
      {(index, size) => {
        const value = values[index];
        if (value === undefined) return null;
        return (
          <LinkArea links={value.links} label={value.name} className={classes.gauge ?? ''}>
            <Dial value={value} options={options} theme={theme} width={size.width} height={size.height - nameHeight} valueSize={option(sizes, 'valueSize', 0)} showValue={mode !== 'name' && mode !== 'none'} />
            {names && (
              <span className={classes.name} title={value.name} style={option(sizes, 'titleSize', 0) > 0 ? { fontSize: option(sizes, 'titleSize', 0) } : undefined}>
                {value.name}
              </span>
            )}
          </LinkArea>
        );
      }}
    </Repeater>
  );
}
