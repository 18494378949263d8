import { useMemo } from 'react';
import { BigValue } from '@/features/dashboards/panels/stat/BigValue';
import { Repeater } from '@/features/dashboards/panels/Repeater';
import { option, type PanelProps } from '@/features/dashboards/panels/types';
import { reducedValues } from '@/features/dashboards/panels/values';

// The timelines colour their texts with it.
export { readable } from '@/features/dashboards/panels/readable';

/** Big numbers, coloured by their thresholds, with the trend behind them. */
export function StatPanel({ panel, frames, theme, replace, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames, { theme, replace }), [panel, frames, theme, replace]);
  return (
    <Repeater count={values.length} width={width} height={height} orientation={option(panel.options, 'orientation', 'auto')} grid minWidth={70} minHeight={34}>
      {(index, size) => {
        const value = values[index];
        return value === undefined ? null : <BigValue key={value.key} value={value} panel={panel} theme={theme} many={values.length > 1} {...size} />;
      }}
    </Repeater>
  );
}
