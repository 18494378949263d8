import { formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import { useMemo } from 'react';
import { Bar, type BarLook } from '@/features/dashboards/panels/bargauge/Bar';
import { LinkArea } from '@/features/dashboards/panels/LinkArea';
import { inkOn } from '@/features/dashboards/panels/readable';
import { objectOption, option, type PanelProps } from '@/features/dashboards/panels/types';
import { type ReducedValue, reducedValues } from '@/features/dashboards/panels/values';
import classes from './bargauge/bargauge.module.css';

/** A bar for each value between the minimum and the maximum, lying or standing. */
export function BarGaugePanel({ panel, frames, theme, replace, width, height }: PanelProps) {
  const values = useMemo(() => reducedValues(panel, frames, { theme, replace }), [panel, frames, theme, replace]);
  const { options } = panel;
  const stated = option(options, 'orientation', 'auto');
  const orientation = stated === 'horizontal' || stated === 'vertical' ? stated : width > height ? 'vertical' : 'horizontal';
  const look: BarLook = {
    mode: option(options, 'displayMode', 'gradient'),
    unfilled: option(options, 'showUnfilled', true),
    valueMode: option(options, 'valueMode', 'color'),
    valueSize: option(objectOption(options, 'text'), 'valueSize', 0),
    orientation,
  };
  const manual = option(options, 'sizing', 'auto') === 'manual';
  const limits = { min: manual ? option(options, orientation === 'horizontal' ? 'minVizHeight' : 'minVizWidth', 8) : orientation === 'horizontal' ? 12 : 18, max: manual ? option(options, 'maxVizHeight', 300) : 48 };
  const placement = option(options, 'namePlacement', 'auto');
  const names = placement !== 'hidden' && (values.length > 1 || (panel.title ?? '').trim() === '' || placement === 'left' || placement === 'top');
  const nameSize = option(objectOption(options, 'text'), 'titleSize', 0) || 12;
  const widestValue = Math.max(0, ...values.map((one) => formattedValueToString(one.display).length));
  const layout = { values, look, theme, names, nameSize, limits, widestValue, width, height };
  return orientation === 'horizontal' ? <Lying {...layout} placement={placement} /> : <Standing {...layout} />;
}

interface LayoutProps {
  values: ReducedValue[];
  look: BarLook;
  theme: GrafanaTheme2;
  names: boolean;
  nameSize: number;
  limits: { min: number; max: number };
  widestValue: number;
  width: number;
  height: number;
}

/** Bars from left to right, below each other, with their names beside or above them. */
function Lying({ values, look, theme, names, nameSize, limits, widestValue, width, height, placement }: LayoutProps & { placement: string }) {
  const gap = 6;
  const each = (height - gap * (values.length - 1)) / Math.max(values.length, 1);
  // Names above need height, names beside need width.
  const above = names && (placement === 'top' || (placement !== 'left' && each >= 44));
  const longest = Math.max(0, ...values.map((one) => one.name.length));
  const nameWidth = names && !above ? Math.min(longest * nameSize * 0.56 + 10, width * 0.38) : 0;
  const nameHeight = above ? nameSize * 1.5 : 0;
  const thickness = Math.max(limits.min, Math.min(limits.max, each - nameHeight));
  const valueSize = look.valueSize || Math.min(15, Math.max(11.5, thickness * 0.62));
  const valueWidth = look.valueMode === 'hidden' ? 0 : Math.min(width * 0.4, Math.max(40, widestValue * valueSize * 0.72 + 12));
  return (
    <div className={classes.lying} style={{ gap }} tabIndex={(thickness + nameHeight + gap) * values.length > height + gap + 1 ? 0 : undefined}>
      {values.map((value) => (
        <LinkArea key={value.key} links={value.links} label={value.name} className={classes.row ?? ''} style={{ height: thickness + nameHeight, gridTemplateColumns: `${nameWidth.toFixed(0)}px minmax(0, 1fr) ${valueWidth.toFixed(0)}px`, gridTemplateRows: above ? `${nameHeight}px ${thickness}px` : `${thickness}px` }}>
          {names && (
            <span className={classes.name} data-above={above} style={{ fontSize: nameSize }} title={value.name}>
              {value.name}
            </span>
          )}
          <span className={classes.middle} style={{ gridRow: above ? 2 : 1 }}>
            <Bar value={value} look={look} theme={theme} length={width - nameWidth - valueWidth} />
          </span>
          {look.valueMode !== 'hidden' && (
            <span className={classes.value} style={{ gridRow: above ? 2 : 1, color: look.valueMode === 'color' ? inkOn(value.display.color ?? 'var(--text)', theme.isDark, valueSize) : undefined, fontSize: valueSize }}>
              {formattedValueToString(value.display)}
            </span>
          )}
        </LinkArea>
      ))}
    </div>
  );
}

/** Bars from the bottom up, side by side, with the value above and the name below. */
function Standing({ values, look, theme, names, nameSize, limits, widestValue, width, height }: LayoutProps) {
  const gap = 8;
  const each = Math.max(limits.min, (width - gap * (values.length - 1)) / Math.max(values.length, 1));
  const valueSize = look.valueSize || Math.min(18, Math.max(10, each / Math.max(widestValue * 0.6, 2.4)));
  const valueHeight = look.valueMode === 'hidden' ? 0 : valueSize * 1.5;
  const nameHeight = names ? nameSize * 1.5 : 0;
  const length = Math.max(8, height - valueHeight - nameHeight);
  return (
    <div className={classes.standing} style={{ gap }} tabIndex={(each + gap) * values.length > width + gap + 1 ? 0 : undefined}>
      {values.map((value) => (
        <LinkArea key={value.key} links={value.links} label={value.name} className={classes.column ?? ''} style={{ width: each, gridTemplateRows: `${valueHeight}px ${length}px ${nameHeight}px` }}>
          <span className={classes.top} style={{ color: look.valueMode === 'color' ? inkOn(value.display.color ?? 'var(--text)', theme.isDark, valueSize) : undefined, fontSize: valueSize }}>
            {look.valueMode !== 'hidden' && formattedValueToString(value.display)}
          </span>
          <Bar value={value} look={look} theme={theme} length={length} />
          {names && (
            <span className={classes.below} style={{ fontSize: nameSize }} title={value.name}>
              {value.name}
            </span>
          )}
        </LinkArea>
      ))}
    </div>
  );
}
